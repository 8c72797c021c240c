import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { ElementTab } from "./element/tab.mjs";
import { openBrowser, openTab } from "./support/browser.mjs";
import { startDemo } from "./support/server.mjs";

const route = "POST /api/v1/accounts/verify-email/";
let demo, browser, tab;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});
beforeEach(async () => {
  tab = new ElementTab(await openTab(browser));
  await tab.open(`${demo.url}/element/`);
});
afterEach((t) => {
  console.log(`${t.name}: ${confirmations().length} POST to verify-email`);
  return tab.close();
});

const confirmations = () => tab.tab.posts.filter((post) => post === route);

test("the link of a real mail is shown, and confirmed by a press alone", async () => {
  const shown = "#good waxseal-verify-email";
  await tab.page.click("#make-good");
  await tab.page.waitForSelector(shown);
  const { address } = await tab.waitFor("ready", shown);
  assert.match(address, /^element-\d+@example\.net$/);
  assert.deepEqual(confirmations(), []);
  await tab.press(shown);
  await tab.waitFor("verified", shown);
  assert.deepEqual(confirmations(), [route]);
  const { users } = await (await fetch(`${demo.url}/demo/api/users`)).json();
  assert.ok(users.some(({ email }) => email === address));
  assert.deepEqual(tab.tab.errors, []);
});

test("each bad link shows its own state, some at once and some after a press", async () => {
  await tab.page.click("#make-bad");
  await tab.page.waitForFunction(() => !document.getElementById("make-bad").disabled);
  const of = (kind) => `[data-kind="${kind}"] waxseal-verify-email`;
  for (const [kind, state] of Object.entries({ expired: "expired", altered: "altered", forged: "altered", truncated: "incomplete" })) {
    await tab.waitFor(state, of(kind));
  }
  const afterPress = { used: "used", older: "superseded", changed: "superseded", cancelled: "cancelled", undone: "undone" };
  for (const [kind, state] of Object.entries(afterPress)) {
    await tab.waitFor("ready", of(kind));
    await tab.press(of(kind));
    await tab.waitFor(state, of(kind));
  }
  assert.equal(confirmations().length, Object.keys(afterPress).length);
  await tab.page.select("#language", "pl");
  await tab.page.waitForFunction(
    (css) => document.querySelector(css).shadowRoot.querySelector("section").lang === "pl",
    {},
    of("expired"),
  );
  assert.deepEqual(tab.tab.errors, []);
});
