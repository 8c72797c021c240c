// <waxseal-verify-email> in every engine that is here, from the built package, under a strict Content-Security-Policy.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { engines, openBrowser } from "../support/browser.mjs";
import { answers, element, expiredAgeS, freshLink, startSite, strictPolicy } from "./site.mjs";
import { openElementTab } from "./tab.mjs";
import { languages, states } from "./states.mjs";

if (process.env.CI === "true") assert.equal(engines.length, 2, "Chromium and Firefox have to be here");

for (const engine of engines) {
  describe(`the element in ${engine.name}`, () => {
    let browser, site, tab;
    before(async () => {
      [browser, site] = await Promise.all([openBrowser(engine), startSite()]);
    });
    after(async () => {
      site?.stop();
      await browser?.close();
    });
    beforeEach(async () => {
      site.reset();
      tab = await openElementTab(browser);
    });
    afterEach((t) => {
      console.log(`${engine.name}, ${t.name}: ${site.posts.length} POST`);
      return tab.close();
    });

    const genuine = (options) => freshLink(site.origin, options);
    const posts = () => site.posts.map(({ path }) => path);

    for (const [name, state] of Object.entries(states)) {
      test(`${name}: has its words in every language, and axe finds nothing`, async () => {
        const seen = await state.reach(site, tab);
        assert.ok(seen.heading && seen.text, "a heading and a next step");
        assert.equal(seen.address, state.address);
        assert.equal(Boolean(seen.button), state.hasButton ?? false);
        assert.deepEqual(posts(), state.posts ?? []);
        const said = new Set();
        for (const language of languages) {
          await tab.page.$eval("waxseal-verify-email", (found, tag) => found.setAttribute("lang", tag), language);
          await tab.page.waitForFunction(
            (tag) => document.querySelector("waxseal-verify-email").shadowRoot.querySelector("section").lang === tag,
            {},
            language,
          );
          const { heading, text } = await tab.seen();
          said.add(heading + text);
          // Its findings do not depend on the engine; the words do not either.
          if (engine.name === "chromium") assert.deepEqual(await tab.violations(), [], language);
        }
        if (engine.name === "chromium") {
          await tab.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
          assert.deepEqual(await tab.violations(), [], "in the dark, too");
        }
        if (engine.name === "chromium") console.log(`${name}: axe-core finds nothing in ${languages.length} languages`);
        assert.equal(said.size, languages.length, "every language has words of its own");
        assert.deepEqual(posts(), state.posts ?? [], "and nothing more was posted");
        assert.deepEqual(state.isNoisy ? [] : tab.tab.errors, []);
        state.release?.();
      });
    }

    test("loading posts nothing, and the link leaves the address bar with its history entry", async () => {
      const [address] = genuine().split("#");
      await tab.open(`${address}&utm_source=mail#top`, "ready");
      const clean = `${site.origin}/?utm_source=mail#top`;
      assert.equal(await tab.page.evaluate(() => location.href), clean);
      await tab.page.evaluate(() => {
        history.pushState(null, "", "/further");
        history.back();
      });
      await tab.page.waitForFunction((href) => location.href === href, {}, clean);
      assert.deepEqual(posts(), []);
    });

    test("a link in the fragment leaves it, and a path there stays", async () => {
      const [, query] = genuine().split("?");
      await tab.open(`${site.origin}/#/verify?${query}`, "ready");
      assert.equal(await tab.page.evaluate(() => location.href), `${site.origin}/#/verify`);
    });

    test("a double press and an impatient one post once", async () => {
      let release;
      site.answer = new Promise((resolve) => (release = () => resolve(answers.verified)));
      await tab.open(genuine(), "ready");
      await tab.page.evaluate(() => {
        const button = document.querySelector("waxseal-verify-email").shadowRoot.querySelector("button");
        button.click();
        button.click();
      });
      await tab.waitFor("working");
      await tab.press();
      release();
      await tab.waitFor("verified");
      assert.deepEqual(posts(), ["/api/v1/accounts/verify-email/"]);
      assert.deepEqual(Object.keys(site.posts[0].body), ["user_id", "email", "timestamp", "signature"]);
    });

    test("the keyboard can press, the focus goes on to what became of it, and a live region says it", async () => {
      await tab.open(genuine(), "ready");
      await tab.page.keyboard.press("Tab");
      await tab.page.keyboard.press("Enter");
      await tab.waitFor("verified");
      const focus = await tab.page.evaluate(() => {
        const { shadowRoot } = document.activeElement;
        const { activeElement } = shadowRoot;
        return { part: activeElement.getAttribute("part"), role: activeElement.parentElement.getAttribute("role") };
      });
      assert.deepEqual(focus, { part: "heading", role: "status" });
    });

    test("showing a link takes no focus", async () => {
      await tab.open(genuine(), "ready");
      assert.equal(await tab.page.evaluate(() => document.activeElement === document.body), true);
    });

    test("no answer is told as such, and the button posts again, on a press alone", async () => {
      site.answer = { status: "cut" };
      await tab.open(genuine(), "ready");
      await tab.press();
      await tab.waitFor("offline");
      assert.equal(posts().length, 1);
      site.answer = answers["already-verified"];
      await tab.press();
      await tab.waitFor("already-verified");
      assert.equal(posts().length, 2);
    });

    test("keys that cannot be fetched are asked for again by a press, and nothing is posted", async () => {
      site.files.set("/jwks.json", { status: 503, body: "busy" });
      const { everything } = await tab.open(genuine(), "offline");
      assert.ok(!everything.includes("new@example.com"));
      site.files.delete("/jwks.json");
      await tab.press();
      await tab.waitFor("ready");
      assert.deepEqual(posts(), []);
    });

    for (const [what, answer, state] of [
      ["a captive portal's page", { body: "<html>Sign in to the hotel. Email verified successfully</html>" }, "offline"],
      ["an error of the server", { status: 500, body: "" }, "offline"],
      ["an answer of 10 MB", { body: Buffer.alloc(10_000_000, "x") }, "offline"],
      ["a redirect", { status: 307, headers: { Location: "/elsewhere/" }, body: {} }, "offline"],
      ["a code of a newer server", answers.refused("too-windy", "It is too windy."), "refused"],
    ]) {
      test(`${what}: ${state}, after one POST`, async () => {
        site.answer = answer;
        await tab.open(genuine(), "ready");
        await tab.press();
        await tab.waitFor(state);
        assert.equal(posts().length, 1);
      });
    }

    test("a server of another origin that does not allow this page: offline, and nothing is posted", async () => {
      const other = await startSite();
      try {
        site.headers["Content-Security-Policy"] = strictPolicy.replace("connect-src 'self'", `connect-src 'self' ${other.origin}`);
        site.page = element({ endpoint: `${other.origin}/api/` });
        await tab.open(genuine(), "ready");
        await tab.press();
        await tab.waitFor("offline");
        assert.deepEqual(other.posts, []);
      } finally {
        other.stop();
      }
    });

    test("429 says how long to wait", async () => {
      site.answer = { ...answers.refused("rate-limited"), status: 429, headers: { "Retry-After": "17" } };
      await tab.open(genuine(), "ready");
      await tab.press();
      assert.match((await tab.waitFor("offline")).text, /17 seconds/);
    });

    test("a module of the wrong type is loaded all the same", async () => {
      site.files.set("/dist/waxseal.wasm", { headers: { "Content-Type": "text/plain" }, body: await file(site, "/dist/waxseal.wasm") });
      await tab.open(genuine(), "ready");
    });

    for (const [what, prepare] of [
      ["a policy without wasm-unsafe-eval", (s) => (s.headers["Content-Security-Policy"] = strictPolicy.replace(" 'wasm-unsafe-eval'", ""))],
      ["a module that is not there", (s) => s.files.set("/dist/waxseal.wasm", { status: 404, body: "no" })],
      ["no endpoint", (s) => (s.page = element({ endpoint: undefined }))],
      ["an empty endpoint", (s) => (s.page = element({ endpoint: "" }))],
      ["an empty address of keys", (s) => (s.page = element({ "keys-url": "" }))],
      ["a period that is no number", (s) => (s.page = element({ period: "a week" }))],
      ["a purpose that is none", (s) => (s.page = element({ purpose: "sign-in" }))],
    ]) {
      test(`${what}: unsupported, and the console says why`, async () => {
        prepare(site);
        const { heading } = await tab.open(genuine(), "unsupported");
        assert.ok(heading);
        assert.ok(tab.tab.errors.length > 0);
      });
    }

    for (const [what, change] of [
      ["cut", (link) => link.slice(0, link.indexOf("&timestamp"))],
      ["with &amp;", (link) => link.replaceAll("&", "&amp;")],
      ["doubled", (link) => `${link}&${link.split("?")[1]}`],
      ["encoded whole", (link) => link.replace(/\?.*/, (query) => `?${encodeURIComponent(query.slice(1))}`)],
    ]) {
      test(`a link that was ${what} is incomplete, and leaves the address bar all the same`, async () => {
        const { address } = await tab.open(change(genuine()), "incomplete");
        assert.equal(address, undefined);
        assert.equal(await tab.page.evaluate(() => location.href), `${site.origin}/`);
      });
    }

    test("a link that was encoded once more is altered, and its words are nowhere", async () => {
      const { everything } = await tab.open(genuine().replaceAll("%", "%25"), "altered");
      assert.ok(!everything.includes("example.com"));
    });

    test("a forged link is altered, and its words are nowhere", async () => {
      const { everything } = await tab.open(genuine({ changes: { email: "call-0900@thief.example" } }), "altered");
      assert.ok(!everything.includes("thief"));
    });

    test("without keys a link is shown, for nobody can say whose it is; refused, its address is gone", async () => {
      site.page = element({ "keys-url": undefined });
      site.answer = answers.refused("signature-invalid");
      assert.equal((await tab.open(genuine(), "ready")).address, "new@example.com");
      await tab.press();
      assert.equal((await tab.waitFor("altered")).address, undefined);
    });

    test("an address is text, whatever it holds", async () => {
      site.page = element({ "keys-url": undefined });
      const email = '<img src=x onerror="alert(1)">@example.com';
      assert.equal((await tab.open(genuine({ changes: { email } }), "ready")).address, email);
    });

    test("the purpose undo-email posts to its own route, and ends undone", async () => {
      site.page = element({ purpose: "undo-email" });
      site.answer = answers.undone;
      const { heading } = await tab.open(genuine({ purpose: "undo-email" }), "ready");
      assert.match(heading, /Undo/);
      await tab.press();
      await tab.waitFor("undone");
      assert.deepEqual(posts(), ["/api/v1/accounts/undo-email/"]);
    });

    test("every change of state is an event, by its own name and by one for all", async () => {
      site.page = `<div id="outer">${element()}</div>`;
      await tab.page.evaluateOnNewDocument(() => {
        window.heard = [];
        for (const name of ["waxseal-state", "waxseal-ready", "waxseal-working", "waxseal-verified"]) {
          window.addEventListener(name, ({ type, detail }) =>
            window.heard.push([type, detail.state, detail.check?.status ?? detail.outcome?.code ?? null]),
          );
        }
      });
      await tab.open(genuine(), "ready");
      await tab.press();
      await tab.waitFor("verified");
      assert.deepEqual(await tab.page.evaluate(() => window.heard), [
        ["waxseal-state", "loading", null],
        ["waxseal-state", "ready", "ready"],
        ["waxseal-ready", "ready", "ready"],
        ["waxseal-state", "working", null],
        ["waxseal-working", "working", null],
        ["waxseal-state", "verified", "verified"],
        ["waxseal-verified", "verified", "verified"],
      ]);
    });

    test("content of a slot is shown in its state alone, and other content not at all", async () => {
      site.page = element({}, '<p id="before">Needs JavaScript</p><a id="next" slot="verified" href="/">On</a>');
      const visible = () =>
        tab.page.evaluate(() => ["before", "next"].filter((id) => document.getElementById(id).checkVisibility()));
      await tab.open(genuine(), "ready");
      assert.deepEqual(await visible(), []);
      await tab.press();
      await tab.waitFor("verified");
      assert.deepEqual(await visible(), ["next"]);
    });

    test("the page's styles stop at the element, and its own stay inside; parts and properties reach in", async () => {
      const css = `h2, p, button { color: rgb(255, 0, 0) } h2 { letter-spacing: 9px }
        waxseal-verify-email { --waxseal-accent: rgb(0, 90, 0) } waxseal-verify-email::part(heading) { font-size: 40px }`;
      site.files.set("/style.css", { headers: { "Content-Type": "text/css" }, body: css });
      site.page = `<h2 id="outside">Outside</h2>${element()}`;
      await tab.open(genuine(), "ready");
      const look = await tab.page.evaluate(() => {
        const { shadowRoot } = document.querySelector("waxseal-verify-email");
        const [heading, button] = ["h2", "button"].map((name) => getComputedStyle(shadowRoot.querySelector(name)));
        const outside = getComputedStyle(document.getElementById("outside"));
        return [heading.letterSpacing, heading.color === outside.color, heading.fontSize, button.backgroundColor, outside.color];
      });
      assert.deepEqual(look, ["normal", false, "40px", "rgb(0, 90, 0)", "rgb(255, 0, 0)"]);
    });

    test("two elements of one page share the link, the module and the keys", async () => {
      site.page = element({ id: "first" }) + element({ id: "second", purpose: "undo-email" });
      await tab.open(genuine(), undefined);
      await tab.waitFor("ready", "#first");
      await tab.waitFor("altered", "#second");
      const gets = tab.tab.requests.map(({ url }) => new URL(url).pathname);
      assert.equal(gets.filter((path) => path.endsWith(".wasm")).length, 1);
    });

    test("changed attributes judge the link anew, and not after it was posted", async () => {
      await tab.open(genuine({ ageS: expiredAgeS }), "expired");
      const set = (name, value) =>
        tab.page.$eval("waxseal-verify-email", (found, ...pair) => found.setAttribute(...pair), name, value);
      await set("period", "9999999");
      await tab.waitFor("ready");
      const afterTheSameAgain = await tab.page.$eval("waxseal-verify-email", (found) => {
        found.setAttribute("period", "9999999");
        return found.state;
      });
      assert.equal(afterTheSameAgain, "ready", "it would be loading, if it were judged anew");
      await tab.press();
      await tab.waitFor("verified");
      await set("period", "1");
      await set("endpoint", "/other/");
      await tab.waitFor("verified");
      assert.equal(posts().length, 1);
    });

    test("taken out of the page and put back while it works, it ends where it would have", async () => {
      let release;
      site.answer = new Promise((resolve) => (release = () => resolve(answers.verified)));
      await tab.open(genuine(), "ready");
      await tab.press();
      await tab.waitFor("working");
      await tab.page.evaluate(() => {
        window.kept = document.querySelector("waxseal-verify-email");
        window.kept.remove();
      });
      release();
      await tab.page.waitForFunction(() => window.kept.state === "verified");
      await tab.page.evaluate(() => document.querySelector("main").append(window.kept));
      await tab.waitFor("verified");
      assert.equal(posts().length, 1);
    });

    test("made by script, attribute by attribute, it starts once", async () => {
      site.page = "";
      await tab.open(genuine());
      await tab.page.waitForFunction(() => customElements.get("waxseal-verify-email"));
      await tab.page.evaluate(() => {
        const made = document.createElement("waxseal-verify-email");
        window.states = [];
        made.addEventListener("waxseal-state", ({ detail }) => window.states.push(detail.state));
        document.querySelector("main").append(made);
        made.setAttribute("endpoint", "/api/v1/accounts/");
        made.setAttribute("keys-url", "/jwks.json");
      });
      await tab.waitFor("ready");
      assert.equal((await tab.page.evaluate(() => window.states)).at(-1), "ready");
      assert.ok(!(await tab.page.evaluate(() => window.states)).includes("unsupported"));
    });

    test("a language that arrives after the next one was asked for is not spoken", async () => {
      let release;
      const path = "/dist/element/locales/de.js";
      const body = await file(site, path);
      const late = new Promise((resolve) => (release = resolve));
      site.files.set(path, late.then(() => ({ headers: { "Content-Type": "text/javascript" }, body })));
      await tab.open(genuine(), "ready");
      const language = await tab.page.evaluateHandle(() => {
        const element = document.querySelector("waxseal-verify-email");
        for (const tag of ["de", "fr"]) element.setAttribute("lang", tag);
        return element.shadowRoot.querySelector("section");
      });
      await tab.page.waitForFunction(({ lang }) => lang === "fr", {}, language);
      release();
      await tab.page.evaluate((url) => import(url), path);
      assert.equal((await tab.seen()).language, "fr");
    });

    test("the element speaks the language of the page, and English where it has no other", async () => {
      site.page = `<div lang="pt-PT">${element({ lang: undefined, id: "one" })}</div>${element({ lang: "tlh", id: "two" })}`;
      await tab.open(genuine());
      assert.equal((await tab.waitFor("ready", "#one")).language, "pt-BR");
      assert.equal((await tab.waitFor("ready", "#two")).language, "en");
    });
  });
}

/** The bytes of a file, as the site would send them. */
async function file({ origin }, path) {
  return Buffer.from(await (await fetch(origin + path)).arrayBuffer());
}
