import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { issuedAt, linkUrl, packageFolder, signedValues, waxsealPackage } from "./support.mjs";

const { load, WaxsealError } = waxsealPackage;
const wasmFile = new URL("dist/waxseal.wasm", packageFolder);
const bytes = readFileSync(wasmFile);

async function works(wasm) {
  const waxseal = await load({ wasm });
  assert.equal((await waxseal.check(linkUrl(signedValues()), { now: issuedAt })).status, "ready");
}

async function server(t, answer) {
  const http = createServer(answer).listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => http.close());
  return new URL(`http://127.0.0.1:${http.address().port}/waxseal.wasm`);
}

const asType = (type) => (_, response) => response.writeHead(200, { "Content-Type": type }).end(bytes);

test("the module is found beside the package's JavaScript", () => works(undefined));
test("it may be a file: URL or its text", async () => {
  await works(wasmFile);
  await works(wasmFile.href);
});
test("it may be the bytes, as a view or as a buffer", async () => {
  await works(bytes);
  await works(new Uint8Array(bytes).buffer);
});
test("it may be a compiled module, more than once", async () => {
  const module = await WebAssembly.compile(bytes);
  await works(module);
  await works(module);
});
test("it may be a response, or one that is still on its way", async () => {
  const response = () => new Response(bytes, { headers: { "Content-Type": "application/wasm" } });
  await works(response());
  await works(Promise.resolve(response()));
});
test("it is fetched from an address, whatever type the server gives it", async (t) => {
  for (const type of ["application/wasm", "application/octet-stream"]) await works(await server(t, asType(type)));
});

test("a server that does not finish is waited for half a minute", async (t) => {
  let asked;
  const wasAsked = new Promise((resolve) => (asked = resolve));
  const address = await server(t, (_, response) => {
    response.writeHead(200, { "Content-Type": "application/wasm" }).write(bytes.subarray(0, 1000));
    t.after(() => response.destroy());
    asked();
  });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const loading = load({ wasm: address });
  const refused = assert.rejects(loading, (error) => error.code === "load-failed" && /took too long/.test(error.message));
  await wasAsked;
  t.mock.timers.tick(29_999);
  assert.equal(await Promise.race([loading.catch(() => "ended"), new Promise((resolve) => setImmediate(resolve, "waits"))]), "waits");
  t.mock.timers.tick(1);
  await refused;
});

test("what is no module, or not there, is one error with its cause", async (t) => {
  const missing = await server(t, (_, response) => response.writeHead(404).end("no"));
  const other = await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  for (const wasm of [missing, new Uint8Array(8), new URL("missing.wasm", wasmFile), "no address", other]) {
    await assert.rejects(load({ wasm }), (error) => error instanceof WaxsealError && error.code === "load-failed");
  }
  await assert.rejects(load({ wasm: new Uint8Array(8) }), (error) => error.cause instanceof WebAssembly.CompileError);
});

test("the package's own module is loaded once for all calls, and again by the next call where it failed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "waxseal-copy-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(new URL("dist/", packageFolder), folder, { recursive: true });
  const [module, away] = ["waxseal.wasm", "away.wasm"].map((name) => join(folder, name));
  const copy = await import(pathToFileURL(join(folder, "index.js")));
  renameSync(module, away);
  await assert.rejects(copy.load(), (error) => error.code === "load-failed");
  renameSync(away, module);
  await copy.load();
  renameSync(module, away);
  const waxseal = await copy.load();
  assert.equal((await waxseal.check(linkUrl(signedValues()), { now: issuedAt })).status, "ready");
});
