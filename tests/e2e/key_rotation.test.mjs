import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openTab } from "./support/browser.mjs";
import { startDemo } from "./support/server.mjs";

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("threat 26: a page that has the keys in its cache knows a link of a newer key, and still one of the older", async (t) => {
  const tab = await openTab(browser);
  t.after(() => tab.close());
  const keyFetches = () => tab.requests.filter(({ url }) => url.endsWith("/.well-known/jwks.json")).length;

  const older = await demo.freshLink("1", "older@example.net");
  await tab.open(older);
  assert.equal((await tab.waitForState("ready")).address, "older@example.net");
  assert.equal(keyFetches(), 1);

  await demo.rotateKeys();
  const newer = await demo.freshLink("2", "newer@example.net");
  await tab.open(newer);
  assert.equal((await tab.waitForState("ready")).address, "newer@example.net");
  assert.equal(keyFetches(), 3, "once from the cache, and once past it");

  await tab.open(older);
  assert.equal((await tab.waitForState("ready")).address, "older@example.net");
  await tab.page.locator("#confirm").click();
  await tab.waitForState("verified");
  assert.deepEqual(tab.errors, []);
});
