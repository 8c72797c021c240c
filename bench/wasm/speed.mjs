// How long a check takes: here, beside others' checks of the same signature, in turns; and in Chromium, from the bytes of
// the module to the first answer. Medians, in microseconds.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { openBrowser, openTab } from "../../tests/e2e/support/browser.mjs";
import { startSite } from "../../tests/e2e/element/site.mjs";
import { issuedAt, linkUrl, packageFolder, signedValues, signer, waxsealPackage } from "../../wasm/npm/test/support.mjs";

const rounds = 400;
const warmUpRounds = 50;
const pageLoads = 15;

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Each job once a round, so that what slows the machine down slows all of them. */
async function inTurns(jobs) {
  const times = Object.fromEntries(Object.keys(jobs).map((name) => [name, []]));
  for (let round = -warmUpRounds; round < rounds; ++round) {
    for (const [name, job] of Object.entries(jobs)) {
      const start = performance.now();
      const isRight = await job();
      const end = performance.now();
      if (!isRight) throw new Error(`${name} refuses a genuine signature`);
      if (round >= 0) times[name].push((end - start) * 1000);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, round1(median(values))]));
}

const round1 = (value) => Math.round(value * 10) / 10;

/** The same message, signature and key for all. Ours has to read the link first. */
export async function measureHere(folder) {
  const values = signedValues();
  const url = linkUrl(values);
  const { message, signature } = signedParts(values);
  const key = Buffer.from(signer.jwk.x, "base64url");
  const withKeys = await waxsealPackage.load({ keys: { keys: [signer.jwk] } });
  const without = await waxsealPackage.load();
  const { ed25519 } = await import(pathToFileURL(join(folder, "node_modules/@noble/curves/ed25519.js")));
  const sodium = createRequire(join(folder, "package.json"))("libsodium-wrappers");
  await sodium.ready;
  const options = { now: issuedAt };
  return inTurns({
    "waxseal check with signature": async () => (await withKeys.check(url, options)).authentic,
    "waxseal check without": async () => (await without.check(url, options)).status === "ready",
    "@noble/curves ed25519.verify": () => ed25519.verify(signature, message, key),
    "libsodium-wrappers crypto_sign_verify_detached": () => sodium.crypto_sign_verify_detached(signature, message, key),
  });
}

/** What is signed, and the 64 bytes of the signature: docs/link-format.md. */
function signedParts({ user_id, email, timestamp, signature }) {
  const bytes = Buffer.from(signature, "base64url");
  const number = (value) => {
    const encoded = Buffer.alloc(4);
    encoded.writeUInt32BE(value);
    return encoded;
  };
  const texts = [user_id, email, timestamp].flatMap((text) => [number(Buffer.byteLength(text)), Buffer.from(text)]);
  const message = Buffer.concat([Buffer.from("waxseal/1\0register-email\0"), ...texts, bytes.subarray(5, 17)]);
  return { message, signature: bytes.subarray(17) };
}

/** In a fresh page each time: the bytes are there, the module is compiled, started and asked. */
export async function measureInChromium() {
  const [browser, site] = await Promise.all([openBrowser(), startSite()]);
  const wasm = readFileSync(new URL("dist/waxseal.wasm", packageFolder)).toString("base64");
  const question = { wasm, url: linkUrl(signedValues()), keys: { keys: [signer.jwk] }, now: issuedAt };
  try {
    const times = [];
    for (let i = 0; i < pageLoads; ++i) {
      const tab = await openTab(browser);
      await tab.open(site.origin);
      times.push(await tab.page.evaluate(firstCheck, question));
      await tab.close();
    }
    return {
      "waxseal from bytes to first check": Math.round(median(times.map(({ first }) => first)) * 1000),
      "waxseal check with signature": round1(median(times.map(({ further }) => further)) * 1000),
      version: await browser.version(),
    };
  } finally {
    site.stop();
    await browser.close();
  }
}

/** Runs in the page. Milliseconds: until the first answer, and for each of many further ones. */
async function firstCheck({ wasm, url, keys, now }) {
  const { load } = await import("/dist/index.js");
  const bytes = Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0));
  const start = performance.now();
  const waxseal = await load({ wasm: bytes, keys });
  const { authentic } = await waxseal.check(url, { now });
  const first = performance.now() - start;
  if (!authentic) throw new Error("a genuine link is not authentic");
  const checks = 1000;
  const again = performance.now();
  for (let i = 0; i < checks; ++i) await waxseal.check(url, { now });
  return { first, further: (performance.now() - again) / checks };
}
