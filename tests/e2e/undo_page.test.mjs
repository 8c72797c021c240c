import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { goRound, openMailTo, textOf } from "./round_trip.mjs";
import { openBrowser, openTab } from "./support/browser.mjs";
import { startDemo } from "./support/server.mjs";

const route = "/api/v1/accounts/undo-email/";
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

test("ask, press, open the notice in the inbox, press: the old address is back", async () => {
  const { page } = tab;
  const before = await emailOf("1");
  await goRound(tab, demo.url, () => undefined);
  await tab.open(`${demo.url}/inbox/`);
  await openMailTo(page, before);
  assert.match(await textOf(page, "#mail-heading"), /asked for a new email address/);

  await page.locator("#mail-link").click();
  const ready = await tab.waitForState("ready");
  assert.equal(ready.address, before);
  assert.equal(page.url(), `${demo.url}/undo-email/`);
  await page.locator("#confirm").click();
  const { heading, address } = await tab.waitForState("verified");
  assert.equal(heading, "The change is undone");
  assert.equal(address, before);
  await page.locator(".actions a").click();
  assert.equal(await textOf(page, "#current-address"), before);
  assert.deepEqual(tab.errors, []);
});

test("loading the page posts nothing; a double press posts once; then the link to the new address is dead", async () => {
  const before = await emailOf("2");
  const undo = await demo.freshUndoLink("2", "not.mine@example.net");
  const confirm = await demo.freshLink("2", "not.mine@example.net");
  await tab.open(undo);
  await tab.waitForState("ready");
  await pause(300); // a request that must not come: there is no event to wait for
  assert.deepEqual(tab.posts, []);
  assert.doesNotMatch(tab.page.url(), /signature/);
  await tab.page.click("#confirm", { count: 2 });
  await tab.waitForState("verified");
  await pause(300);
  assert.deepEqual(tab.posts, [`POST ${route}`]);
  assert.equal(await emailOf("2"), before);

  await pressed(confirm, "link-cancelled");
  const again = await pressed(undo, "link-cancelled");
  assert.equal(again.heading, "This change was called off before");
});

test("a second press of an undo that brought the address back says so", async () => {
  const undo = await demo.freshUndoLink("3", "second.undo@example.net");
  await pressed(await demo.freshLink("3", "second.undo@example.net"), "verified");
  await pressed(undo, "verified");
  const { heading } = await pressed(undo, "change-undone");
  assert.equal(heading, "This change was undone before");
});

test("each page refuses the other's links without asking the site, and shows nothing of them", async () => {
  const links = {
    "undo-email": await demo.freshLink("2", "other.purpose@example.net"),
    "verify-email": await demo.freshUndoLink("2", "other.purpose.too@example.net"),
  };
  for (const [page, link] of Object.entries(links)) {
    await tab.open(`${demo.url}/${page}/${new URL(link).search}`);
    const { address } = await tab.waitForState("link-altered");
    assert.equal(address, undefined);
  }
  assert.deepEqual(tab.posts, []);
});

test("each refusal of the site has a page of its own that tells what to do", async () => {
  const codes = [
    "signature-invalid",
    "signature-expired",
    "user-not-found",
    "link-superseded",
    "link-cancelled",
    "change-undone",
    "email-already-registered",
    "rate-limited",
    "internal",
  ];
  const undo = await demo.freshUndoLink("3", "refused.undo@example.net");
  const headings = new Set();
  for (const code of codes) {
    await tab.answer(route, {
      status: code === "internal" ? 500 : 400,
      headers: { "Waxseal-Code": code },
      contentType: "application/json",
      body: JSON.stringify({ detail: code, code }),
    });
    const shown = await pressed(undo, code);
    assert.equal(shown.code, code);
    assert.notEqual(shown.nextStep, "");
    headings.add(shown.heading);
  }
  assert.equal(headings.size, codes.length);
});

/** Opens the link, presses, and returns what the page says then. */
async function pressed(link, expected) {
  await tab.open(link);
  await tab.waitForState("ready");
  await tab.page.click("#confirm");
  return tab.waitForState(expected);
}

async function emailOf(userId) {
  const { users } = await (await fetch(`${demo.url}/demo/api/users`)).json();
  return users.find(({ id }) => id === userId).email;
}
