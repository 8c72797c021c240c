import assert from "node:assert/strict";
import { test } from "node:test";

import { issuedAt, linkUrl, signDjango, signedValues, signer, vectors, waxsealPackage } from "./support.mjs";

const { load, WaxsealError } = waxsealPackage;
const withoutKeys = await load();
const withKeys = await load({ keys: { keys: [signer.jwk] } });
const soon = { now: issuedAt + 60 };

const misuse = (error) => error instanceof WaxsealError && error.code === "misuse";

test("a genuine link is ready and authentic, with its times as dates", async () => {
  const values = signedValues();
  assert.deepEqual(await withKeys.check(linkUrl(values), { ...soon, period: 3600 }), {
    status: "ready",
    authentic: true,
    link: {
      userId: "1",
      email: "new@example.com",
      timestamp: String(issuedAt),
      signature: values.signature,
      issuedAt: new Date(issuedAt * 1000),
      expiresAt: new Date((issuedAt + 3600) * 1000),
    },
  });
});

test("a URL object and a fragment are read, too", async () => {
  const check = await withKeys.check(new URL(linkUrl(signedValues(), "https://app.example/#/verify?")), soon);
  assert.equal(check.status, "ready");
});

test("a template names another spelling", async () => {
  const v = signedValues();
  const url = `https://app.example/#/verify/1/${encodeURIComponent(v.email)}/${v.timestamp}/${v.signature}`;
  const template = "https://app.example/#/verify/{user_id}/{email}/{timestamp}/{signature}";
  assert.equal((await withKeys.check(url, { ...soon, template })).status, "ready");
  assert.equal((await withKeys.check(url, soon)).status, "malformed");
});

test("a byte order mark at the start of a value stays", async () => {
  const check = await withKeys.check(linkUrl(signedValues({ user_id: "\ufeff1" })), soon);
  assert.equal(check.status, "ready");
  assert.equal(check.link.userId, "\ufeff1");
});

test("a link holds for its period, to the second", async () => {
  const url = linkUrl(signedValues());
  const at = async (now) => (await withKeys.check(url, { now, period: 100 })).status;
  assert.equal(await at(issuedAt + 100), "ready");
  assert.equal(await at(issuedAt + 101), "expired");
  assert.equal(await at(issuedAt + 100.9), "ready");
  assert.equal(await at(new Date((issuedAt + 101) * 1000)), "expired");
});

test("the period is a week, and a clock that may be wrong by less than a day turns no link away", async () => {
  const now = Math.floor(Date.now() / 1000);
  const at = async (age) => withKeys.check(linkUrl(signedValues({ timestamp: String(now - age) })));
  assert.equal((await at(604_000)).status, "ready");
  assert.equal((await at(604_800 + 86_000)).status, "ready");
  const old = await at(604_800 + 86_500);
  assert.deepEqual([old.status, old.code], ["expired", "link-expired"]);
});

test("a time that is named is taken at its word", async () => {
  const url = linkUrl(signedValues());
  assert.equal((await withKeys.check(url, { now: issuedAt + 604_801 })).status, "expired");
});

test("one changed character of any value makes a link altered when there are keys", async () => {
  const values = signedValues();
  for (const [name, changed] of Object.entries({ user_id: "2", email: "mew@example.com", timestamp: "1700000001" })) {
    const check = await withKeys.check(linkUrl({ ...values, [name]: changed }), soon);
    assert.deepEqual([check.status, check.code, check.authentic], ["altered", "link-altered", false], name);
  }
});

test("a link of one purpose does not pass for the other", async () => {
  const url = linkUrl(signedValues({}, { purpose: "undo-email" }));
  assert.equal((await withKeys.check(url, soon)).status, "altered");
  assert.equal((await withKeys.check(url, { ...soon, purpose: "undo-email" })).status, "ready");
});

test("with keys a django link is altered, without them nothing is said of who signed", async () => {
  const claims = { user_id: "1", email: "new@example.com", timestamp: String(issuedAt) };
  const url = linkUrl({ ...claims, signature: signDjango("secret", claims) });
  assert.equal((await withKeys.check(url, soon)).authentic, false);
  const unjudged = await withoutKeys.check(url, soon);
  assert.deepEqual([unjudged.status, unjudged.authentic], ["ready", undefined]);
});

test("a signature that no signer writes is altered even without keys", async () => {
  const check = await withoutKeys.check(linkUrl({ ...signedValues(), signature: "abc" }), soon);
  assert.deepEqual([check.status, check.authentic], ["altered", false]);
});

test("an empty set of keys confirms nothing", async () => {
  const waxseal = await load({ keys: { keys: [] } });
  assert.equal((await waxseal.check(linkUrl(signedValues()), soon)).status, "altered");
});

test("keys of other kinds in the set are ignored", async () => {
  const others = [
    { kty: "RSA", n: "AQAB", e: "AQAB" },
    { ...signer.jwk, x: "short" },
    { ...signer.jwk, crv: "X25519" },
    null,
  ];
  const waxseal = await load({ keys: { keys: [...others, signer.jwk] } });
  assert.equal((await waxseal.check(linkUrl(signedValues()), soon)).status, "ready");
});

test("what is missing is named as it stands in a link", async () => {
  const check = await withKeys.check("https://app.example/?user_id=1&email=&timestamp=5", soon);
  assert.deepEqual(check, { status: "malformed", code: "link-malformed", missing: ["email", "signature"] });
});

test("a value twice, bytes that are no UTF-8 and an over-long link are malformed, with nothing missing", async () => {
  const url = linkUrl(signedValues());
  for (const bad of [
    `${url}&email=x`,
    url.replace("user_id=1", "user_id=%ff"),
    `${url}&a=${"b".repeat(4100)}`,
    `${url}&a=${"b".repeat(1e6)}`,
  ]) {
    assert.deepEqual(await withKeys.check(bad, soon), { status: "malformed", code: "link-malformed", missing: [] });
  }
});

test("any text is answered", async () => {
  for (const text of ["", "hello", "https://[", "\u0000", "\ud800", "?".repeat(4096)]) {
    assert.equal((await withKeys.check(text, soon)).status, "malformed");
  }
});

test("times beyond the calendar of Date stop at its end", async () => {
  const row = vectors("signatures").find(({ timestamp }) => timestamp === "9007199254740992");
  const check = await withoutKeys.check(row.url, { now: 0 });
  assert.equal(check.link.expiresAt.getTime(), 8.64e15);
});

test("wrong options are misuse, not answers about the link", async () => {
  const url = linkUrl(signedValues());
  const wrong = [
    { now: Number.NaN },
    { now: new Date(Number.NaN) },
    { now: Infinity },
    { period: -1 },
    { period: 1.5 },
    { period: Infinity },
    { purpose: "sign-in" },
    { template: "https://app.example/{user_id}" },
  ];
  for (const options of wrong) await assert.rejects(withKeys.check(url, options), misuse, JSON.stringify(options));
  await assert.rejects(load({ keys: [signer.jwk] }), misuse);
  await assert.rejects(load({ keysUrl: "ftp://backend-host/keys" }), misuse);
});

test("keys that got lost on the way are misuse, not a page without keys", async (t) => {
  // As in a page, where an empty address is the page's own.
  globalThis.document = { baseURI: "https://app.example/verify/" };
  t.after(() => delete globalThis.document);
  for (const options of [{ keys: null }, { keysUrl: "" }, { keys: { keys: [signer.jwk] }, keysUrl: "" }]) {
    await assert.rejects(load(options), misuse, JSON.stringify(options));
  }
  const { link } = await withKeys.check(linkUrl(signedValues()), soon);
  const fetch = async () => new Response("{}");
  await assert.rejects(withKeys.submit(link, { endpoint: "", fetch }), misuse);
});

test("a very large set of keys works, and one beyond all measure is misuse", async () => {
  const others = (count) =>
    Array.from({ length: count }, (_, i) => ({ ...signer.jwk, x: `${String(i).padStart(42, "A")}A` }));
  const large = await load({ keys: { keys: [...others(3_500), signer.jwk] } });
  assert.equal((await large.check(linkUrl(signedValues()), soon)).status, "ready");
  const tooLarge = await load({ keys: { keys: [...others(3_700), signer.jwk] } });
  await assert.rejects(tooLarge.check(linkUrl(signedValues()), soon), misuse);
  await assert.rejects(withKeys.check("", { template: "x".repeat(2_000_000) }), misuse);
});

test("ten thousand checks leave no memory behind in the module", async () => {
  const url = linkUrl(signedValues({ email: `${"x".repeat(3000)}@example.com` }));
  for (let i = 0; i < 10_000; ++i) await withoutKeys.check(url, soon);
  assert.equal((await withoutKeys.check(url, soon)).status, "ready");
});
