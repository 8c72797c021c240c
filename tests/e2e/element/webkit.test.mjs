// <waxseal-verify-email> in WebKitGTK: that the module runs under the strict policy, and that each state is reached as in the
// other engines. What does not depend on the engine is tested in element.test.mjs alone.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { hasWebKit, openWebKit } from "../support/webkit.mjs";
import { freshLink, startSite, strictPolicy } from "./site.mjs";
import { states } from "./states.mjs";
import { partsSeen } from "./tab.mjs";

const selector = "waxseal-verify-email";
const waitMs = 15_000;

/** What `states` needs of a tab. */
class WebKitTab {
  constructor(webkit) {
    this.webkit = webkit;
  }

  async open(link, state) {
    await this.webkit.open(link);
    return this.waitFor(state);
  }

  async waitFor(state) {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const found = await this.webkit.run((css) => document.querySelector(css)?.state, selector);
      if (found === state) return this.webkit.run(`(css) => (${partsSeen})(document.querySelector(css))`, selector);
      if (Date.now() > deadline) throw new Error(`the element is ${found}, not ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async press() {
    await this.webkit.click(await this.webkit.run((css) => document.querySelector(css).shadowRoot.querySelector("button"), selector));
  }
}

if (process.env.CI === "true") assert.ok(hasWebKit, "WebKitGTK has to be here: script/bootstrap");

describe("the element in WebKitGTK", { skip: !hasWebKit && "webkit2gtk-driver or xvfb is missing: script/bootstrap" }, () => {
  let webkit, site, tab;
  before(async () => {
    [webkit, site] = await Promise.all([openWebKit(), startSite()]);
    tab = new WebKitTab(webkit);
    console.log(webkit.version);
  });
  after(async () => {
    site?.stop();
    await webkit?.close();
  });
  beforeEach(() => site.reset());
  afterEach((t) => console.log(`webkit, ${t.name}: ${site.posts.length} POST`));

  const posts = () => site.posts.map(({ path }) => path);

  // "loading" is held by intercepting a request, which this driver cannot.
  for (const [name, state] of Object.entries(states).filter(([each]) => each !== "loading")) {
    test(`${name}: is reached, and says so`, async () => {
      const seen = await state.reach(site, tab);
      assert.ok(seen.heading && seen.text, "a heading and a next step");
      assert.equal(seen.address, state.address);
      assert.equal(Boolean(seen.button), state.hasButton ?? false);
      assert.deepEqual(posts(), state.posts ?? []);
      state.release?.();
    });
  }

  test("the link leaves the address bar, and nothing is posted by opening it", async () => {
    await tab.open(`${freshLink(site.origin)}&utm_source=mail`, "ready");
    assert.equal(await webkit.run(() => location.href), `${site.origin}/?utm_source=mail`);
    assert.deepEqual(posts(), []);
  });

  test("without wasm-unsafe-eval it says that it cannot check the link", async () => {
    site.headers["Content-Security-Policy"] = strictPolicy.replace(" 'wasm-unsafe-eval'", "");
    const { heading } = await tab.open(freshLink(site.origin), "unsupported");
    assert.ok(heading);
  });

  test("the look is its own: a sheet made by script needs no style-src", async () => {
    await tab.open(freshLink(site.origin), "ready");
    const border = await webkit.run(
      (css) => getComputedStyle(document.querySelector(css).shadowRoot.querySelector("section")).borderInlineStartWidth,
      selector,
    );
    assert.equal(border, "4px");
  });
});
