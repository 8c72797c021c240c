// Packs the npm package, installs it into a copy of this empty Vite project, builds that, and opens the built page in
// headless Chromium under a strict Content-Security-Policy.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { linkUrl, signedValues, signer } from "../../../wasm/npm/test/support.mjs";

const strictPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'";
const policyWithoutWasm = strictPolicy.replace(" 'wasm-unsafe-eval'", "");

const chromiumFlags = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

function run(program, args, cwd) {
  return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Builds the project in `folder` with the package as it would come from the registry. */
function build(folder) {
  cpSync(fileURLToPath(new URL(".", import.meta.url)), folder, { recursive: true });
  const packed = run("npm", ["pack", "--json", "--pack-destination", folder], process.env.WAXSEAL_PACKAGE);
  const [{ filename, files }] = JSON.parse(packed);
  console.log(`packed ${filename}: ${files.length} files`);
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], folder);
  run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", `./${filename}`], folder);
  console.log(run("npx", ["--no-install", "vite", "build"], folder));
}

const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** Serves the built page under `policy`, and the keys beside it. Records what is asked for. */
async function serve(folder, policy) {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    requests.push(`${request.method} ${pathname}`);
    response.setHeader("Content-Security-Policy", policy);
    if (pathname === "/jwks.json") return response.end(JSON.stringify({ keys: [signer.jwk] }));
    const name = pathname === "/" ? "/index.html" : pathname;
    try {
      const body = readFileSync(join(folder, "dist", name));
      response.setHeader("Content-Type", types[extname(name)] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { origin: `http://127.0.0.1:${server.address().port}/`, requests, server };
}

/** What the page shows of a link, under a policy. */
async function open(browser, folder, policy, values) {
  const { origin, requests, server } = await serve(folder, policy);
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  try {
    await page.goto(linkUrl(values, `${origin}?`));
    await page.waitForFunction(() => document.getElementById("status").textContent !== "", { timeout: 20_000 });
    const text = (id) => page.$eval(`#${id}`, (element) => element.textContent);
    return { status: await text("status"), address: await text("address"), requests, problems };
  } finally {
    await page.close();
    server.close();
  }
}

async function tryPages(folder) {
  const { resolve } = createRequire(join(folder, "package.json"));
  const { default: puppeteer } = await import(pathToFileURL(resolve("puppeteer-core")));
  const browser = await puppeteer.launch({
    executablePath: process.env.WAXSEAL_CHROMIUM ?? "/usr/bin/chromium",
    args: chromiumFlags,
  });
  try {
    const genuine = await open(browser, folder, strictPolicy, signedValues());
    console.log("a genuine link:", genuine);
    assert.deepEqual([genuine.status, genuine.address], ["ready", "new@example.com"]);
    assert.ok(
      genuine.requests.some((request) => request.endsWith(".wasm")),
      "the module is a file of its own",
    );
    assert.deepEqual(
      genuine.requests.filter((request) => !request.startsWith("GET")),
      [],
    );
    assert.deepEqual(
      genuine.problems.filter((problem) => !problem.includes("404")),
      [],
    );

    const forged = await open(browser, folder, strictPolicy, { ...signedValues(), email: "thief@example.com" });
    assert.deepEqual([forged.status, forged.address], ["altered", ""]);

    const forbidden = await open(browser, folder, policyWithoutWasm, signedValues());
    assert.equal(forbidden.status, "error load-failed");
  } finally {
    await browser.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), "waxseal-vite-"));
try {
  build(folder);
  await tryPages(folder);
} finally {
  rmSync(folder, { recursive: true });
}
