import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";

import { Ed25519Signer, issuedAt, linkUrl, signedValues, signer, waxsealPackage } from "./support.mjs";

const { load, WaxsealError } = waxsealPackage;
const soon = { now: issuedAt + 60 };
const genuine = linkUrl(signedValues());
const networkError = (error) => error instanceof WaxsealError && error.code === "network";

/** A key server whose answer the test changes as it goes. */
async function keyServer(t, answer) {
  const state = { answer, requests: [] };
  const server = createServer((request, response) => {
    state.requests.push({ method: request.method, headers: request.headers });
    const { status = 200, body } = state.answer;
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  state.url = `http://127.0.0.1:${server.address().port}/.well-known/jwks.json`;
  return state;
}

const setOf = (...signers) => ({ body: JSON.stringify({ keys: signers.map(({ jwk }) => jwk) }) });

/** Stops the clock, so that ten seconds pass when the test says so. */
function stopClock(t) {
  t.mock.timers.enable({ apis: ["Date"], now: issuedAt * 1000 });
  return (ms) => t.mock.timers.setTime(Date.now() + ms);
}

test("keys are fetched when a link first needs them, and once", async (t) => {
  const server = await keyServer(t, setOf(signer));
  const waxseal = await load({ keysUrl: server.url });
  assert.equal(server.requests.length, 0);
  const checks = await Promise.all([waxseal.check(genuine, soon), waxseal.check(genuine, soon)]);
  assert.deepEqual(
    checks.map(({ status, authentic }) => [status, authentic]),
    [
      ["ready", true],
      ["ready", true],
    ],
  );
  await waxseal.check(genuine, soon);
  assert.equal(server.requests.length, 1);
  assert.equal(server.requests[0].headers.cookie, undefined);
  assert.equal(server.requests[0].headers.referer, undefined);
});

test("a link that no key can save is answered without a fetch", async (t) => {
  const server = await keyServer(t, setOf(signer));
  const waxseal = await load({ keysUrl: server.url });
  assert.equal((await waxseal.check("https://app.example/?user_id=1", soon)).status, "malformed");
  assert.equal((await waxseal.check(linkUrl({ ...signedValues(), signature: "abc" }), soon)).status, "altered");
  assert.equal(server.requests.length, 0);
});

test("an unknown key fetches the set again, at most once in ten seconds", async (t) => {
  const pass = stopClock(t);
  const server = await keyServer(t, setOf(new Ed25519Signer(1)));
  const waxseal = await load({ keysUrl: server.url });
  assert.equal((await waxseal.check(genuine, soon)).status, "altered");
  assert.equal((await waxseal.check(genuine, soon)).status, "altered");
  assert.equal(server.requests.length, 2, "once, and once again");
  server.answer = setOf(new Ed25519Signer(1), signer);
  pass(9_999);
  assert.equal((await waxseal.check(genuine, soon)).status, "altered");
  assert.equal(server.requests.length, 2);
  pass(1);
  assert.equal((await waxseal.check(genuine, soon)).status, "ready");
  assert.equal(server.requests.length, 3);
});

test("a server of keys that is slow is asked twice for one check, not for ever", async (t) => {
  const pass = stopClock(t);
  let asked = 0;
  const fetch = async () => {
    pass(11_000);
    assert.ok(++asked < 10, "it is asked again and again");
    return new Response(setOf(new Ed25519Signer(1)).body);
  };
  const waxseal = await load({ keysUrl: "https://backend-host/jwks.json", fetch });
  assert.equal((await waxseal.check(genuine, soon)).status, "altered");
  assert.equal(asked, 2);
});

test("a set that the browser had cached before the key was made is fetched past the cache, at once", async () => {
  const asked = [];
  const fetch = async (_url, { cache }) => {
    asked.push(cache);
    return new Response(setOf(cache === "no-cache" ? signer : new Ed25519Signer(1)).body);
  };
  const waxseal = await load({ keysUrl: "https://backend-host/jwks.json", fetch });
  const checks = await Promise.all([waxseal.check(genuine, soon), waxseal.check(genuine, soon)]);
  assert.deepEqual(
    checks.map(({ status, authentic }) => [status, authentic]),
    [
      ["ready", true],
      ["ready", true],
    ],
  );
  assert.deepEqual(asked, ["default", "no-cache"]);
});

test("given keys are used first, and a set that has the new one is fetched", async (t) => {
  const server = await keyServer(t, setOf(signer));
  const waxseal = await load({ keys: { keys: [new Ed25519Signer(1).jwk] }, keysUrl: server.url });
  assert.equal((await waxseal.check(genuine, soon)).status, "ready");
  assert.equal(server.requests.length, 1);
});

test("when the keys cannot be had, check fails with network and says nothing of the link", async (t) => {
  const server = await keyServer(t, { status: 503, body: "{}" });
  const waxseal = await load({ keysUrl: server.url });
  await assert.rejects(waxseal.check(genuine, soon), networkError);
  for (const answer of [{ body: "<html>" }, { body: "[]" }, { body: "{}" }, { body: "x".repeat(70_000) }]) {
    server.answer = answer;
    await assert.rejects(waxseal.check(genuine, soon), networkError, answer.body.slice(0, 10));
  }
  server.answer = setOf(signer);
  assert.equal((await waxseal.check(genuine, soon)).status, "ready");
});

test("a failed second fetch leaves the question open, even within the ten seconds", async (t) => {
  const pass = stopClock(t);
  const server = await keyServer(t, setOf(new Ed25519Signer(1)));
  const waxseal = await load({ keysUrl: server.url });
  assert.equal((await waxseal.check(genuine, soon)).status, "altered");
  pass(10_000);
  server.answer = { status: 500, body: "" };
  await assert.rejects(waxseal.check(genuine, soon), networkError);
  await assert.rejects(waxseal.check(genuine, soon), networkError);
  assert.equal(server.requests.length, 3);
});

test("the fetch that is handed in is the one that is used", async () => {
  const seen = [];
  const fetch = async (url, init) => {
    seen.push([url, init.credentials, init.redirect, init.referrerPolicy]);
    return new Response(setOf(signer).body);
  };
  const waxseal = await load({ keysUrl: "https://backend-host/jwks.json", fetch });
  assert.equal((await waxseal.check(genuine, soon)).status, "ready");
  assert.deepEqual(seen, [["https://backend-host/jwks.json", "omit", "error", "no-referrer"]]);
});

test("without the browser's SHA-256 the set's own names of the keys are used, and a false one confirms nothing", async () => {
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    const named = async (kid) => {
      const waxseal = await load({ keys: { keys: [{ ...signer.jwk, kid }] } });
      return (await waxseal.check(genuine, soon)).status;
    };
    assert.equal(await named(signer.keyId.toString("hex")), "ready");
    for (const kid of ["00000000", "key-1", undefined, 7]) assert.equal(await named(kid), "altered", String(kid));
  } finally {
    Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
  }
});
