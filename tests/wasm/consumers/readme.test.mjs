// What the package's README shows works as it stands there: each example is built from the README's own text, opened in
// Chromium under the README's own policy, and pressed. Its tables are those that the package and the measurements make.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { freshLink, startSite } from "../../e2e/element/site.mjs";
import { openElementTab } from "../../e2e/element/tab.mjs";
import { readmeWithTables } from "../../../wasm/npm/test/readme_tables.mjs";
import { importTool, openBrowser, project } from "./workshop.mjs";

const readme = readFileSync(new URL("../../../wasm/npm/README.md", import.meta.url), "utf8");

const backend = "https://backend-host";

/** The one fenced block of a language, with the site in the place of the backend. */
function example(language) {
  const [block, ...more] = [...readme.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))];
  assert.ok(block && more.length === 0, `one block of ${language}`);
  assert.ok(block[1].includes(backend));
  return block[1];
}

/** What the README says of the policy, as a whole one. */
function policyOf(origin) {
  const [, script, connect] = /`(script-src [^;`]*); (connect-src [^`]*)`/.exec(readme);
  return `default-src 'none'; base-uri 'none'; ${script}; ${connect.replace(backend, origin)}`;
}

const page = (body) => `<!doctype html><html lang="en"><title>Confirm</title><body>${body}
  <script type="module" src="/main.js"></script></body></html>`;

/** The example as a project of its framework, beside the few lines that its own starter would have. */
const projects = {
  jsx: {
    "View.jsx": example("jsx"),
    "main.js": `import { createElement } from "react"; import { createRoot } from "react-dom/client"; import View from "./View.jsx";
      createRoot(document.getElementById("app")).render(createElement(View));`,
    "index.html": page('<div id="app"></div>'),
  },
  vue: {
    "View.vue": example("vue"),
    "main.js": 'import { createApp } from "vue"; import View from "./View.vue"; createApp(View).mount("#app");',
    "index.html": page('<div id="app"></div>'),
  },
  svelte: {
    "View.svelte": example("svelte"),
    "main.js": `import { mount } from "svelte"; import View from "./View.svelte";
      mount(View, { target: document.getElementById("app") });`,
    "index.html": page('<div id="app"></div>'),
  },
  ts: {
    "main.ts": example("ts"),
    "index.html": page('<p id="question"></p><button id="button"></button><p id="answer"></p>').replace("main.js", "main.ts"),
  },
};

async function plugins(language) {
  if (language === "vue") {
    const { default: vue } = await importTool("@vitejs/plugin-vue/dist/index.mjs");
    const [, isCustomElement] = /`isCustomElement: ([^`]+)`/.exec(readme);
    assert.equal(isCustomElement, '(tag) => tag.startsWith("waxseal-")');
    return [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("waxseal-") } } })];
  }
  if (language === "svelte") {
    const { svelte } = await importTool("@sveltejs/vite-plugin-svelte/src/index.js");
    return [svelte({ configFile: false })];
  }
  return [];
}

async function build(t, language, origin) {
  const root = project(t);
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module", private: true }));
  for (const [name, text] of Object.entries(projects[language])) {
    writeFileSync(join(root, name), text.replaceAll(backend, origin).replaceAll("/.well-known/jwks.json", "/jwks.json"));
  }
  const vite = await importTool("vite/dist/node/index.js");
  await vite.build({ root, configFile: false, logLevel: "error", plugins: await plugins(language), build: { target: "es2022" } });
  return join(root, "dist");
}

describe("the README's examples", () => {
  let browser, site, tab;
  before(async () => ([browser, site] = await Promise.all([openBrowser(), startSite()])));
  after(async () => {
    site?.stop();
    await browser?.close();
  });
  beforeEach(async (t) => {
    site.reset();
    tab = await openElementTab(browser);
    t.after(() => tab.close());
  });

  const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

  function put(path, body) {
    const headers = { "Content-Type": types[extname(path)] ?? "text/html; charset=utf-8" };
    if (path === "/") headers["Content-Security-Policy"] = policyOf(site.origin);
    site.files.set(path, { headers, body });
  }

  async function serveBuilt(t, language) {
    const folder = await build(t, language, site.origin);
    for (const name of readdirSync(folder, { recursive: true })) {
      if (extname(name)) put(name === "index.html" ? "/" : `/${name}`, readFileSync(join(folder, name)));
    }
  }

  const postedOnce = () => assert.deepEqual(site.posts.map(({ path }) => path), ["/api/v1/accounts/verify-email/"]);

  for (const language of ["jsx", "vue", "svelte"]) {
    test(`${language}: shows the address, confirms it on a press, and hears of it`, async (t) => {
      await serveBuilt(t, language);
      await tab.open(freshLink(site.origin));
      await tab.page.waitForSelector("waxseal-verify-email");
      assert.equal((await tab.waitFor("ready")).address, "new@example.com");
      await tab.press();
      await tab.waitFor("verified");
      assert.equal(await tab.page.title(), "Confirmed");
      postedOnce();
      assert.deepEqual(tab.tab.errors, []);
    });
  }

  test("ts: asks, posts on a press, and shows the server's sentence", async (t) => {
    await serveBuilt(t, "ts");
    await tab.open(freshLink(site.origin));
    await tab.page.waitForFunction(() => document.getElementById("question").textContent !== "");
    assert.equal(await tab.page.$eval("#question", ({ textContent }) => textContent), "Use new@example.com?");
    assert.deepEqual(site.posts, []);
    await tab.page.click("#button");
    await tab.page.waitForFunction(() => document.getElementById("answer").textContent !== "");
    assert.equal(await tab.page.$eval("#answer", ({ textContent }) => textContent), "Email verified successfully");
    postedOnce();
    assert.deepEqual(tab.tab.errors, []);
  });

  test("html: works without a build, from a copy of dist", async (t) => {
    const root = project(t);
    const dist = join(root, "node_modules/waxseal/dist");
    for (const name of readdirSync(dist, { recursive: true })) {
      if (extname(name)) put(`/waxseal/${name}`, readFileSync(join(dist, name)));
    }
    put("/", example("html").replaceAll(backend, site.origin).replaceAll("/.well-known/jwks.json", "/jwks.json"));
    await tab.open(freshLink(site.origin), "ready");
    await tab.press();
    await tab.waitFor("verified");
    postedOnce();
    assert.deepEqual(tab.tab.errors, []);
  });
});

test("no example is longer than a dozen lines", () => {
  for (const language of ["html", "ts", "jsx", "vue", "svelte"]) {
    const lines = example(language).trim().split("\n").length;
    assert.ok(lines <= 12, `${language}: ${lines} lines`);
  }
});

test("the tables of sizes, speed and codes are up to date: node wasm/npm/test/readme_tables.mjs --write", () => {
  assert.equal(readme, readmeWithTables());
});

test("what was measured keeps what is promised", () => {
  const { speed } = JSON.parse(readFileSync(new URL("../../../bench/results/wasm.json", import.meta.url), "utf8"));
  const { node, chromium } = speed;
  assert.ok(node["waxseal check with signature"] < 150 && chromium["waxseal check with signature"] < 150);
  assert.ok(node["@noble/curves ed25519.verify"] / node["waxseal check with signature"] > 6);
  assert.ok(node["waxseal check without"] < 15);
  assert.ok(chromium["waxseal from bytes to first check"] < 15_000);
});
