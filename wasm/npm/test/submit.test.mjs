import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";

import { signedValues, vectors, waxsealPackage } from "./support.mjs";

const { load, WaxsealError } = waxsealPackage;
const waxseal = await load();
const values = signedValues();
const link = { userId: values.user_id, email: values.email, timestamp: values.timestamp, signature: values.signature };

/** A backend that records what it is sent and answers as `answer(request, response)` says. */
async function backend(t, answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    await answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, endpoint: `http://127.0.0.1:${server.address().port}/api/v1/accounts/` };
}

const answering =
  (status, body, headers = {}) =>
  (_, response) =>
    response
      .writeHead(status, { "Content-Type": "application/json", ...headers })
      .end(typeof body === "string" ? body : JSON.stringify(body));

async function submitTo(t, answer, options = {}) {
  const { endpoint } = await backend(t, answer);
  return waxseal.submit(link, { endpoint, ...options });
}

const ok = { detail: "Email verified successfully", code: "verified" };

test("the four values are posted as JSON, and nothing that tells of the page", async (t) => {
  const { endpoint, requests } = await backend(t, answering(200, ok));
  const outcome = await waxseal.submit(link, { endpoint });
  assert.deepEqual(outcome, {
    status: "verified",
    code: "verified",
    message: "Email verified successfully",
    retryable: false,
    retryAfter: undefined,
  });
  assert.equal(requests.length, 1);
  const [{ method, url, headers, body }] = requests;
  assert.deepEqual([method, url], ["POST", "/api/v1/accounts/verify-email/"]);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(
    body,
    JSON.stringify({
      user_id: "1",
      email: "new@example.com",
      timestamp: values.timestamp,
      signature: values.signature,
    }),
  );
  assert.deepEqual([headers.cookie, headers.referer, headers.authorization], [undefined, undefined, undefined]);
});

test("the endpoint may lack its slash, and the purpose picks the route", async (t) => {
  const { endpoint, requests } = await backend(t, answering(200, { detail: "Email change undone" }));
  const outcome = await waxseal.submit(link, { endpoint: new URL(endpoint.slice(0, -1)), purpose: "undo-email" });
  assert.deepEqual([outcome.status, outcome.message], ["verified", "Email change undone"]);
  assert.equal(requests[0].url, "/api/v1/accounts/undo-email/");
});

test("a second click is told from the first", async (t) => {
  const outcome = await submitTo(t, answering(200, { ...ok, code: "already-verified" }));
  assert.deepEqual([outcome.status, outcome.code], ["already-verified", "already-verified"]);
});

test("a refusal has the server's code and sentence", async (t) => {
  const outcome = await submitTo(t, answering(400, { detail: "Replaced.", code: "link-superseded" }));
  assert.deepEqual(outcome, {
    status: "rejected",
    code: "link-superseded",
    message: "Replaced.",
    retryable: false,
    retryAfter: undefined,
  });
});

test("the header names the code where the body does not", async (t) => {
  const outcome = await submitTo(
    t,
    answering(400, { email: ["Enter a valid email address."] }, { "Waxseal-Code": "invalid-fields" }),
  );
  assert.deepEqual([outcome.code, outcome.message], ["invalid-fields", "Invalid input."]);
});

test("a code from a newer server does not leak out of the list of codes", async (t) => {
  const outcome = await submitTo(t, answering(400, { detail: "New rule.", code: "toString" }));
  assert.deepEqual([outcome.code, outcome.message], ["invalid-fields", "New rule."]);
});

/** The codes that belong to what Django REST Registration answered, by its words. */
const codesOfDetails = {
  "Invalid signature": "signature-invalid",
  "Signature expired": "signature-expired",
  "User not found": "user-not-found",
  "This email is already registered.": "email-already-registered",
  "Not found.": "not-found",
  "Invalid token.": "invalid-token",
};

test("every recorded answer of Django REST Registration to verify-email is understood", async () => {
  const rows = vectors("http").filter(
    ({ request }) => request.path.includes("verify-email") && request.method === "POST",
  );
  assert.ok(rows.length > 100);
  const seen = new Set();
  for (const { name, response } of rows) {
    const fetch = async () => new Response(response.body, { status: response.status });
    const outcome = await waxseal.submit(link, { endpoint: "https://backend-host/", fetch });
    const [, known] = Object.entries(codesOfDetails).find(([detail]) => response.body.includes(`"${detail}"`)) ?? [];
    const expected =
      response.status === 200
        ? "verified"
        : response.status === 415
          ? "unsupported-media-type"
          : response.body.includes("JSON parse error")
            ? "parse-error"
            : (known ?? "invalid-fields");
    assert.equal(outcome.code, expected, `${name}: ${response.body}`);
    assert.equal(outcome.status, expected === "verified" ? "verified" : "rejected", name);
    seen.add(outcome.code);
  }
  assert.ok(seen.size >= 8, [...seen].join());
});

test("429 says how long to wait, in seconds or by a date", async (t) => {
  const body = { detail: "Request was throttled.", code: "rate-limited" };
  const bySeconds = await submitTo(t, answering(429, body, { "Retry-After": "17" }));
  assert.deepEqual(
    [bySeconds.status, bySeconds.code, bySeconds.retryable, bySeconds.retryAfter],
    ["rejected", "rate-limited", true, 17],
  );
  const date = new Date(Date.now() + 60_000).toUTCString();
  const byDate = await submitTo(t, answering(429, body, { "Retry-After": date }));
  assert.ok(byDate.retryAfter > 55 && byDate.retryAfter <= 60, String(byDate.retryAfter));
  const unreadable = await submitTo(t, answering(429, {}, { "Retry-After": "soon" }));
  assert.deepEqual([unreadable.code, unreadable.retryAfter], ["rate-limited", undefined]);
});

test("a server that is down for a moment is unreachable, not a refusal", async (t) => {
  const unavailable = await submitTo(
    t,
    answering(503, { detail: "later", code: "unavailable" }, { "Retry-After": "5" }),
  );
  assert.deepEqual(
    [unavailable.status, unavailable.code, unavailable.retryable, unavailable.retryAfter],
    ["unreachable", "unavailable", true, 5],
  );
  const gateway = await submitTo(t, answering(502, "<html>Bad gateway</html>", { "Content-Type": "text/html" }));
  assert.deepEqual([gateway.status, gateway.code], ["unreachable", "unavailable"]);
  assert.equal((await submitTo(t, answering(500, ""))).code, "internal");
});

test("a server that gave up on the request may be asked again", async (t) => {
  for (const status of [408, 425]) {
    const outcome = await submitTo(t, answering(status, ""));
    assert.deepEqual([outcome.status, outcome.code, outcome.retryable], ["rejected", "unavailable", true], String(status));
  }
});

test("a page of a captive portal is unreachable, whatever it says", async (t) => {
  for (const body of ["<html>Please sign in. Email verified successfully</html>", "", "[]", '"ok"', "null"]) {
    const outcome = await submitTo(t, answering(200, body, { "Content-Type": "text/html" }));
    assert.deepEqual([outcome.status, outcome.code, outcome.retryable], ["unreachable", "network", true], body);
  }
});

test("a redirect is not followed", async (t) => {
  const other = await backend(t, answering(200, ok));
  const outcome = await submitTo(t, answering(307, "", { Location: `${other.endpoint}verify-email/` }));
  assert.equal(outcome.status, "unreachable");
  assert.equal(other.requests.length, 0);
});

test("an answer without an end is given up", async (t) => {
  const endless = (_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    const write = () => {
      while (!response.destroyed && response.write("x".repeat(16_384)));
      if (!response.destroyed) response.once("drain", write);
    };
    write();
  };
  assert.equal((await submitTo(t, endless)).status, "unreachable");
});

test("a port where nobody listens is unreachable", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  const outcome = await waxseal.submit(link, { endpoint: `http://127.0.0.1:${port}/` });
  assert.deepEqual([outcome.status, outcome.code, outcome.retryable], ["unreachable", "network", true]);
});

test("the time limit counts until the whole answer is there", async (t) => {
  const silent = () => undefined;
  const halfAnAnswer = (_, response) => response.writeHead(200).write('{"detail":');
  for (const answer of [silent, halfAnAnswer]) {
    assert.equal((await submitTo(t, answer, { timeoutMs: 50 })).status, "unreachable");
  }
  const deaf = () => new Promise(() => undefined);
  const outcome = await waxseal.submit(link, { endpoint: "https://backend-host/", timeoutMs: 20, fetch: deaf });
  assert.equal(outcome.status, "unreachable");
});

test("an abort ends the waiting, and one that came before sends nothing", async (t) => {
  const controller = new AbortController();
  const { endpoint, requests } = await backend(t, () => controller.abort());
  assert.equal((await waxseal.submit(link, { endpoint, signal: controller.signal })).status, "unreachable");
  assert.equal(requests.length, 1);
  assert.equal((await waxseal.submit(link, { endpoint, signal: controller.signal })).status, "unreachable");
  assert.equal(requests.length, 1);
});

test("a double press posts once, and a later press posts again", async (t) => {
  let release;
  const pressedTwice = new Promise((resolve) => (release = resolve));
  const { endpoint, requests } = await backend(t, async (request, response) => {
    await pressedTwice;
    answering(200, ok)(request, response);
  });
  const presses = [
    waxseal.submit(link, { endpoint }),
    waxseal.submit({ ...link }, { endpoint: endpoint.slice(0, -1) }),
  ];
  release();
  const [first, second] = await Promise.all(presses);
  assert.equal(requests.length, 1);
  assert.equal(first, second);
  await waxseal.submit(link, { endpoint });
  assert.equal(requests.length, 2);
});

test("another link and another purpose are not the same press", async (t) => {
  const { endpoint, requests } = await backend(t, answering(200, ok));
  await Promise.all([
    waxseal.submit(link, { endpoint }),
    waxseal.submit({ ...link, userId: "2" }, { endpoint }),
    waxseal.submit(link, { endpoint, purpose: "undo-email" }),
  ]);
  assert.equal(requests.length, 3);
});

test("misuse throws, and posts nothing", async () => {
  let calls = 0;
  const fetch = async () => (calls++, new Response(JSON.stringify(ok)));
  const endpoint = "https://backend-host/";
  const wrong = [
    [link, { endpoint: "api/v1/accounts/", fetch }],
    [link, { endpoint: "javascript:alert(1)", fetch }],
    [link, { endpoint, purpose: "toString", fetch }],
    [link, { endpoint, timeoutMs: 0, fetch }],
    [link, { endpoint, timeoutMs: Number.NaN, fetch }],
    [undefined, { endpoint, fetch }],
    [
      { ...link, signature: undefined },
      { endpoint, fetch },
    ],
  ];
  for (const [aLink, options] of wrong) {
    await assert.rejects(waxseal.submit(aLink, options), (e) => e instanceof WaxsealError && e.code === "misuse");
  }
  assert.equal(calls, 0);
});
