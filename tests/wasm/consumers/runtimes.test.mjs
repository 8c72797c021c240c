// The same program in each runtime that comes from npm: the package finds its module, checks, and posts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { linkUrl, signedValues, signer } from "../../../wasm/npm/test/support.mjs";
import { project, workshop } from "./workshop.mjs";

const program = fileURLToPath(new URL("programs/runtime.mjs", import.meta.url));

/** The first of these that is installed: there is one for each kind of processor. */
function binary(...paths) {
  return paths.map((path) => join(workshop, "node_modules", path)).find(existsSync);
}

const runtimes = {
  "Node 20": { path: binary("node-20-linux-x64/bin/node", "node-20-linux-arm64/bin/node"), version: /^v20\./ },
  "Node 22": { path: binary("node-22-linux-x64/bin/node", "node-22-linux-arm64/bin/node"), version: /^v22\./ },
  Deno: {
    path: binary("@deno/linux-x64-glibc/deno", "@deno/linux-arm64-glibc/deno"),
    version: /^deno 2\./,
    // No more than it needs: to read the package, and to reach this machine.
    args: ["run", "--no-prompt", "--allow-read=.", "--allow-net=127.0.0.1"],
  },
  Bun: { path: binary("@oven/bun-linux-x64-baseline/bin/bun", "@oven/bun-linux-aarch64/bin/bun"), version: /^1\./ },
};

/** Answers as the backend does, and keeps what it was sent. */
async function startBackend(t) {
  const posts = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    posts.push([`${request.method} ${request.url}`, JSON.parse(body)]);
    response.writeHead(200, { "Content-Type": "application/json", Connection: "close" });
    response.end(JSON.stringify({ detail: "Email verified successfully", code: "verified" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { endpoint: `http://127.0.0.1:${server.address().port}/api/v1/accounts/`, posts };
}

async function output(path, args, folder) {
  const child = spawn(path, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const [text, [status]] = await Promise.all([child.stdout.toArray(), once(child, "exit")]);
  assert.equal(status, 0);
  return Buffer.concat(text).toString();
}

for (const [name, { path, version, args = [] }] of Object.entries(runtimes)) {
  test(`${name}: the module is found, a link is checked and posted`, async (t) => {
    assert.ok(path, `${name} was not installed for this kind of processor`);
    assert.match(await output(path, ["--version"], workshop), version);
    const folder = project(t);
    cpSync(program, join(folder, "runtime.mjs"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies: { waxseal: "*" } }));
    const { endpoint, posts } = await startBackend(t);
    const values = signedValues();
    const given = JSON.stringify({ url: linkUrl(values), keys: { keys: [signer.jwk] }, endpoint });
    assert.deepEqual(JSON.parse(await output(path, [...args, "runtime.mjs", given], folder)), {
      genuine: ["ready", true, "new@example.com"],
      forged: ["altered", true],
      outcome: "verified",
      element: "function",
    });
    assert.deepEqual(posts, [["POST /api/v1/accounts/verify-email/", values]]);
  });
}
