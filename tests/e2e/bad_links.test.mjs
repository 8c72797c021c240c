import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openTab } from "./support/browser.mjs";
import { startDemo } from "./support/server.mjs";

/** What each button of "What can go wrong" leads to, and whether the page has to ask the site to find out. */
const troubles = [
  { kind: "expired", code: "link-expired", heading: "This link has expired", asks: false },
  { kind: "altered", code: "link-altered", heading: "This is not the link that was sent", asks: false },
  { kind: "forged", code: "link-altered", heading: "This is not the link that was sent", asks: false },
  { kind: "truncated", code: "link-malformed", heading: "This link arrived damaged", asks: false },
  { kind: "used", code: "link-used", heading: "This link has been used", asks: true },
  { kind: "older", code: "link-superseded", heading: "This link has been replaced", asks: true },
  { kind: "changed", code: "link-superseded", heading: "This link has been replaced", asks: true },
  { kind: "cancelled", code: "link-cancelled", heading: "This change was called off", asks: true },
  { kind: "undone", code: "change-undone", heading: "This change was taken back", asks: true },
];

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

for (const { kind, code, heading, asks } of troubles) {
  test(`the button for a link that is ${kind} leads to ${code}`, async (t) => {
    const tab = await openTab(browser);
    t.after(() => tab.close());
    await tab.open(demo.url);
    await tab.page.locator(`[data-kind="${kind}"]`).click();
    if (asks) {
      await tab.waitForState("ready");
      await tab.page.click("#confirm");
    }
    const shown = await tab.waitForState(code);
    assert.equal(shown.heading, heading);
    assert.equal(shown.code, code);
    assert.notEqual(shown.nextStep, "");
    assert.equal(tab.page.url(), `${demo.url}/verify-email/`);
    assert.notEqual(await tab.page.$eval("#demo-note", (note) => note.textContent), "");
    assert.equal(tab.posts.filter((post) => post.endsWith("/verify-email/")).length, asks ? 1 : 0);
    assert.deepEqual(tab.errors, []);
  });
}

test("threat 29: a crafted link cannot make the page show its words, whatever form its signature has", async (t) => {
  const words = "your-account-is-locked-call-555-0100@example.net";
  const madeUp = { ed25519: `AQ${"A".repeat(106)}`, django: "A".repeat(43), nonsense: "x" };
  for (const signature of Object.values(madeUp)) {
    const tab = await openTab(browser);
    t.after(() => tab.close());
    const query = new URLSearchParams({ user_id: "1", email: words, timestamp: `${Math.floor(Date.now() / 1000)}`, signature });
    await tab.open(`${demo.url}/verify-email/?${query}`);
    await tab.waitForState("link-altered");
    const everything = await tab.page.evaluate(() => document.documentElement.outerHTML + document.title);
    assert.ok(!everything.includes("555-0100"), "the address of a link that no key confirms is shown");
  }
});
