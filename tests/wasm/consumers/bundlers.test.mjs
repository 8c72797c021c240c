// Installs the packed package into an empty project, builds that with each bundler, and opens the built page in headless
// Chromium under a strict Content-Security-Policy.

import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";

import { openTab } from "../../e2e/support/browser.mjs";
import { linkUrl, signedValues, signer } from "../../../wasm/npm/test/support.mjs";
import { importTool, openBrowser, project, run, tool } from "./workshop.mjs";

const strictPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'";
const policyWithoutWasm = strictPolicy.replace(" 'wasm-unsafe-eval'", "");

/** Each builds `main.js` of a project into `dist`, as its users do who have read our README. */
const bundlers = {
  Vite: (folder) => run(tool("vite"), ["build", "--logLevel", "warn"], folder),
  webpack: (folder) => runWebpack(folder, { experiments: { outputModule: true }, output: { module: true } }),
  esbuild: (folder) => {
    const options = ["--bundle", "--minify", "--splitting", "--format=esm", "--outdir=dist", "--log-level=warning"];
    run(tool("esbuild"), ["main.js", ...options], folder);
    cpSync(join(folder, "node_modules/waxseal/dist/waxseal.wasm"), join(folder, "dist/waxseal.wasm"));
  },
};

async function runWebpack(folder, { experiments, output }) {
  const { default: webpack } = await importTool("webpack/lib/index.js");
  const to = { ...output, path: join(folder, "dist"), filename: "main.js" };
  const compiler = webpack({ context: folder, mode: "production", entry: "./main.js", experiments, output: to });
  const stats = await new Promise((resolve, reject) => compiler.run((error, done) => (error ? reject(error) : resolve(done))));
  assert.deepEqual([...stats.compilation.errors, ...stats.compilation.warnings].map(String), []);
}

/** A project with the page and the package, built. */
async function build(t, name) {
  const folder = project(t);
  cpSync(fileURLToPath(new URL("pages", import.meta.url)), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  await bundlers[name](folder);
  if (name !== "Vite") cpSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  return join(folder, "dist");
}

const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** Serves the built page under `policy`, and the keys beside it. */
async function serve(t, folder, policy) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    response.setHeader("Content-Security-Policy", policy);
    if (pathname === "/jwks.json") return response.end(JSON.stringify({ keys: [signer.jwk] }));
    const name = pathname === "/" ? "/index.html" : pathname;
    try {
      const body = readFileSync(join(folder, name));
      response.setHeader("Content-Type", types[extname(name)] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

describe("the package in bundlers", () => {
  let browser;
  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());

  /** What the page shows of a link. */
  async function open(t, origin, values) {
    const tab = await openTab(browser);
    t.after(() => tab.close());
    await tab.open(linkUrl(values, `${origin}?`));
    await tab.page.waitForFunction(() => document.getElementById("status").textContent !== "");
    const [status, address] = await Promise.all(
      ["status", "address"].map((id) => tab.page.$eval(`#${id}`, (element) => element.textContent)),
    );
    return { status, address, tab };
  }

  for (const name of Object.keys(bundlers)) {
    test(`${name}: the built page works under the strict policy, and says why where it cannot`, async (t) => {
      const folder = await build(t, name);
      const origin = await serve(t, folder, strictPolicy);
      const { tab, ...genuine } = await open(t, origin, signedValues());
      assert.deepEqual(genuine, { status: "ready", address: "new@example.com" });
      await tab.page.waitForFunction(() => document.querySelector("waxseal-verify-email").state === "ready");
      const heading = await tab.page.$eval("waxseal-verify-email", ({ shadowRoot }) => shadowRoot.querySelector("h2").textContent);
      assert.match(heading, /^Bestätigen/, "the German words were fetched");
      assert.ok(tab.requests.some(({ url }) => url.endsWith(".wasm")), "the module is a file of its own");
      assert.deepEqual([tab.posts, tab.errors], [[], []]);

      const forged = await open(t, origin, { ...signedValues(), email: "thief@example.com" });
      assert.deepEqual([forged.status, forged.address], ["altered", ""]);
      const forbidden = await open(t, await serve(t, folder, policyWithoutWasm), signedValues());
      assert.equal(forbidden.status, "error load-failed");
    });
  }

  test("Vite's development server finds the module when the package is left out of its optimizer", async (t) => {
    const folder = project(t);
    cpSync(fileURLToPath(new URL("pages", import.meta.url)), folder, { recursive: true });
    const { createServer: createVite } = await importTool("vite/dist/node/index.js");
    const server = await createVite({
      root: folder,
      configFile: false,
      cacheDir: join(folder, ".vite"),
      logLevel: "warn",
      optimizeDeps: { exclude: ["waxseal"] },
      server: { host: "127.0.0.1", port: 0 },
      plugins: [
        {
          name: "keys",
          configureServer: ({ middlewares }) => {
            middlewares.use("/jwks.json", (_, response) => response.end(JSON.stringify({ keys: [signer.jwk] })));
          },
        },
      ],
    });
    await server.listen();
    t.after(() => server.close());
    const { status, address } = await open(t, server.resolvedUrls.local[0], signedValues());
    assert.deepEqual([status, address], ["ready", "new@example.com"]);
  });
});

/** What a bundler keeps of a program: all its JavaScript, and the names of the files. */
async function bundled(t, name, program) {
  const folder = project(t);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  writeFileSync(join(folder, "main.js"), program);
  await keepers[name](folder);
  const files = readdirSync(join(folder, "dist"), { recursive: true }).filter((file) => extname(file));
  const scripts = files.filter((file) => file.endsWith(".js")).map((file) => readFileSync(join(folder, "dist", file), "utf8"));
  return { files, script: scripts.join("\n") };
}

const keepers = {
  Vite: async (folder) => {
    const { build: viteBuild } = await importTool("vite/dist/node/index.js");
    const build = { rollupOptions: { input: join(folder, "main.js") } };
    await viteBuild({ root: folder, configFile: false, logLevel: "warn", build });
  },
  // Not as an ES module: webpack 5.112 gives up on one whose only `new URL` was shaken off.
  webpack: (folder) => runWebpack(folder, {}),
  esbuild: (folder) => run(tool("esbuild"), ["main.js", "--bundle", "--minify", "--format=esm", "--outdir=dist"], folder),
};

const errorText = 'import { errorTexts } from "waxseal/error-texts"; document.title = errorTexts["link-used"].advice;';
const errorClass = 'import { WaxsealError } from "waxseal"; document.title = new WaxsealError("misuse", "no").code;';

for (const name of Object.keys(keepers)) {
  for (const [what, program, kept] of [
    ["the texts of errors", errorText, /did its work once/],
    ["the class of errors", errorClass, /WaxsealError/],
  ]) {
    test(`${name}: a program that imports ${what} alone carries nothing that loads the module`, async (t) => {
      const { files, script } = await bundled(t, name, program);
      console.log(`${name}, ${what} alone: ${script.length} bytes, ${files.join(", ")}`);
      assert.match(script, kept);
      assert.doesNotMatch(script, /WebAssembly|wasm|fetch/);
      // Vite writes the module out where it reads of it, and finds out later that nothing refers to it.
      const mayWriteModule = name === "Vite" && what === "the class of errors";
      if (!mayWriteModule) assert.deepEqual(files.filter((file) => file.endsWith(".wasm")), []);
    });
  }
}
