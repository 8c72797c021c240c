import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openBrowser, openTab } from "./support/browser.mjs";
import { startDemo } from "./support/server.mjs";

const route = "/api/v1/accounts/verify-email/";
let demo;
let browser;
let tab;

before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test.beforeEach(async () => {
  tab = await openTab(browser);
});

test.afterEach(() => tab.close());

test("threat 17: loading the page posts nothing; a press posts once", async () => {
  await tab.open(await demo.freshLink("1", "one.press@example.net"));
  await tab.waitForState("ready");
  await quiet();
  assert.deepEqual(tab.posts, []);

  await tab.page.click("#confirm");
  await tab.waitForState("verified");
  await quiet();
  assert.deepEqual(tab.posts, [`POST ${route}`]);
});

test("a double click posts once", async () => {
  await tab.open(await demo.freshLink("1", "double.click@example.net"));
  await tab.waitForState("ready");
  await tab.page.click("#confirm", { count: 2 });
  await tab.waitForState("verified");
  await quiet();
  assert.deepEqual(tab.posts, [`POST ${route}`]);
});

test("two presses before the page could draw anything post once", async () => {
  await tab.open(await demo.freshLink("1", "two.presses@example.net"));
  await tab.waitForState("ready");
  await tab.page.$eval("#confirm", (confirm) => {
    confirm.click();
    confirm.click();
  });
  await tab.waitForState("verified");
  await quiet();
  assert.deepEqual(tab.posts, [`POST ${route}`]);
});

test("while the site is asked, the button is off and the page says so", async () => {
  const { promise, resolve } = Promise.withResolvers();
  await tab.answer(route, promise);
  await tab.open(await demo.freshLink("1", "working@example.net"));
  await tab.waitForState("ready");
  await tab.page.click("#confirm");
  const { heading } = await tab.waitForState("working");
  assert.equal(heading, "Confirming your address");
  assert.equal(await tab.page.$eval("#confirm", (confirm) => confirm.disabled), true);
  assert.match(await tab.page.$eval("#status", (status) => status.textContent), /Confirming/);
  resolve(refusal("link-used"));
  await tab.waitForState("link-used");
});

test("threat 19: the link leaves the address bar and the history, and no request carries it as a referrer", async () => {
  const referrers = [];
  tab.page.on("request", (request) => referrers.push(request.headers()["referer"]));
  await tab.open(`${demo.url}/`);
  await tab.open(await demo.freshLink("1", "no.trace@example.net"));
  await tab.waitForState("ready");
  assert.equal(tab.page.url(), `${demo.url}/verify-email/`);

  const session = await tab.page.createCDPSession();
  const { entries } = await session.send("Page.getNavigationHistory");
  assert.deepEqual(
    entries.filter(({ url }) => url.includes("signature")),
    [],
  );

  await tab.page.click("#confirm");
  await tab.waitForState("verified");
  await tab.page.click(".actions a");
  await tab.page.waitForSelector("#account");
  assert.deepEqual(referrers.filter(Boolean), []);
});

test("a page loaded anew has no link, and says where to find it", async () => {
  await tab.open(await demo.freshLink("1", "again@example.net"));
  await tab.waitForState("ready");
  await tab.page.reload();
  const { heading } = await tab.waitForState("no-link");
  assert.equal(heading, "Open this page from your mail");
});

test("a link pressed a second time is no attack: already-verified", async () => {
  const link = await demo.freshLink("1", "second.time@example.net");
  for (const expected of ["verified", "already-verified"]) {
    await tab.open(link);
    await tab.waitForState("ready");
    await tab.page.click("#confirm");
    const { address } = await tab.waitForState(expected);
    assert.equal(address, "second.time@example.net");
  }
});

test("an address that another account confirmed meanwhile is refused", async () => {
  const links = [await demo.freshLink("2", "wanted@example.net"), await demo.freshLink("3", "wanted@example.net")];
  for (const [index, expected] of ["verified", "email-already-registered"].entries()) {
    await tab.open(links[index]);
    await tab.waitForState("ready");
    await tab.page.click("#confirm");
    await tab.waitForState(expected);
  }
});

test("the address of a link is shown only if a key of the site confirms it", async () => {
  const link = await demo.freshLink("1", "genuine@example.net");
  const crafted = link.replace("genuine%40example.net", "call-0123-456%40example.net");
  assert.notEqual(crafted, link);
  await tab.open(crafted);
  const { text } = await tab.waitForState("link-altered");
  assert.doesNotMatch(text, /0123/);
  await quiet();
  assert.deepEqual(tab.posts, []);
});

test("when the site cannot be reached the page offers another try, which works", async () => {
  await tab.answer(route, "unreachable");
  await tab.open(await demo.freshLink("1", "offline@example.net"));
  await tab.waitForState("ready");
  await tab.page.click("#confirm");
  await tab.waitForState("network");
  await tab.answer(route, undefined);
  await tab.page.click("#retry");
  await tab.waitForState("verified");
  assert.equal(tab.posts.length, 2);
});

test("too many tries: the button waits for as long as the site asked", async () => {
  await tab.page.evaluateOnNewDocument(catchLongTimers);
  await tab.answer(route, {
    ...refusal("rate-limited", 429),
    headers: { "Waxseal-Code": "rate-limited", "Retry-After": "40" },
  });
  await tab.open(await demo.freshLink("1", "throttled@example.net"));
  await tab.waitForState("ready");
  await tab.page.click("#confirm");
  const { text } = await tab.waitForState("rate-limited");
  assert.match(text, /try again in 40 seconds\./);
  assert.equal(await tab.page.$eval("#retry", (retry) => retry.disabled), true);
  await tab.page.evaluate(() => globalThis.runTimerOf(40_000));
  assert.equal(await tab.page.$eval("#retry", (retry) => retry.disabled), false);
});

test("each refusal of the site has its own page", async () => {
  const codes = [
    "signature-invalid",
    "signature-expired",
    "user-not-found",
    "link-superseded",
    "link-used",
    "link-cancelled",
    "change-undone",
    "email-already-registered",
    "internal",
  ];
  const link = await demo.freshLink("1", "refused@example.net");
  const headings = new Set();
  for (const code of codes) {
    await tab.answer(route, refusal(code, code === "internal" ? 500 : 400));
    await tab.open(link);
    await tab.waitForState("ready");
    await tab.page.click("#confirm");
    const shown = await tab.waitForState(code);
    assert.equal(shown.code, code);
    assert.notEqual(shown.nextStep, "");
    headings.add(shown.heading);
  }
  assert.equal(headings.size, codes.length);
});

test("without the module the page says so, posts nothing, and can try again", async () => {
  const module = await modulePath();
  await tab.answer(module, { status: 404, body: "" });
  await tab.open(await demo.freshLink("1", "no.module@example.net"));
  await tab.waitForState("module-unavailable");
  assert.deepEqual(tab.posts, []);
  await tab.answer(module, undefined);
  await tab.page.click("#retry");
  await tab.waitForState("ready");
});

test("under a policy that forbids WebAssembly the page says so", async () => {
  const link = await demo.freshLink("1", "strict@example.net");
  const html = await (await fetch(`${demo.url}/verify-email/`)).text();
  await tab.answer("/verify-email/", {
    status: 200,
    headers: { "Content-Type": "text/html", "Content-Security-Policy": "default-src 'self'" },
    body: html,
  });
  await tab.open(link);
  await tab.waitForState("module-unavailable");
});

test("without the site's keys the link is not judged", async () => {
  await tab.answer("/.well-known/jwks.json", { status: 503, body: "{}" });
  await tab.open(await demo.freshLink("1", "no.keys@example.net"));
  const { address } = await tab.waitForState("keys-unavailable");
  assert.equal(address, undefined);
  await tab.answer("/.well-known/jwks.json", undefined);
  await tab.page.click("#retry");
  await tab.waitForState("ready");
});

test("without JavaScript the page says what it needs, and nothing else", async () => {
  await tab.page.setJavaScriptEnabled(false);
  await tab.open(await demo.freshLink("1", "no.script@example.net"));
  const text = await tab.page.$eval("main", (main) => main.innerText);
  assert.match(text, /needs JavaScript/);
  assert.doesNotMatch(text, /Checking your link/);
});

test("if the script of the page never comes, the page says so after a while", async () => {
  const html = await (await fetch(`${demo.url}/verify-email/`)).text();
  const [script] = html.match(/\/assets\/verify-email-[^"]+\.js/);
  await tab.answer(script, "unreachable");
  await tab.open(`${demo.url}/verify-email/`);
  const visibility = () => tab.page.$eval(".late", (late) => getComputedStyle(late).visibility);
  assert.equal(await visibility(), "hidden");
  await tab.page.$eval(".late", (late) => late.getAnimations().forEach((animation) => animation.finish()));
  assert.equal(await visibility(), "visible");
});

/** What a refused link gets. */
function refusal(code, status = 400) {
  return {
    status,
    headers: { "Waxseal-Code": code },
    contentType: "application/json",
    body: JSON.stringify({ detail: code, code }),
  };
}

/** Runs in the page: timers of 20 s and more wait until the test runs them. */
function catchLongTimers() {
  const caught = new Map();
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (callback, ms) => (ms < 20_000 ? setTimeout(callback, ms) : caught.set(ms, callback));
  globalThis.runTimerOf = (ms) => caught.get(ms)();
}

/** Where the pages have the module: its name carries a hash. */
async function modulePath() {
  await tab.open(await demo.freshLink("1", "look@example.net"));
  await tab.waitForState("ready");
  return new URL(tab.requests.find(({ url }) => url.endsWith(".wasm")).url).pathname;
}

/** Long enough for a request that must not come: there is no event to wait for. */
function quiet() {
  return pause(300);
}
