import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { goRound, openMailTo, textOf } from "./round_trip.mjs";
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

test("ask, read the mail, open the link, press: the address has changed", async (t) => {
  const tab = await openTab(browser);
  t.after(() => tab.close());
  const address = await goRound(tab, demo.url, () => undefined);

  const { users } = await (await fetch(`${demo.url}/demo/api/users`)).json();
  assert.equal(users.find((user) => user.id === "1").email, address);
});

test("a round trip asks nobody but the demo's own origin, and breaks no rule of its security policy", async (t) => {
  const tab = await openTab(browser);
  t.after(() => tab.close());
  await goRound(tab, demo.url, () => undefined);

  assert.ok(
    tab.requests.some(({ url }) => url.endsWith(".wasm")),
    "the module was loaded over the network",
  );
  assert.deepEqual(
    tab.requests.filter(({ url }) => !url.startsWith(`${demo.url}/`)),
    [],
  );
  assert.deepEqual(tab.errors, []);
});

test("the keyboard alone is enough for a round trip", async (t) => {
  const tab = await openTab(browser);
  t.after(() => tab.close());
  const { page } = tab;
  const address = "keyboard@example.net";

  await tab.open(demo.url);
  await page.waitForSelector(".person");
  await pressOn(page, '.person[data-user="2"]', "Enter");
  await page.waitForSelector("#current-address");
  await tabTo(page, "#new-address");
  await page.keyboard.type(address);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#pending-address");
  assert.equal(await focusedText(page), "Waiting to be confirmed");

  await pressOn(page, ".pending a", "Enter");
  await demo.waitForMail(address);
  const entry = await page.waitForSelector(`#mail-list a ::-p-text(${address})`);
  const id = await entry.evaluate((found) => found.closest("a").dataset.mail);
  await pressOn(page, `[data-mail="${id}"]`, "Enter");
  await pressOn(page, "#mail-link", "Enter");
  await tab.waitForState("ready");
  await pressOn(page, "#confirm", "Space");
  const { heading } = await tab.waitForState("verified");
  assert.equal(await focusedText(page), heading);
  await pressOn(page, ".actions a", "Enter");
  assert.equal(await textOf(page, "#current-address"), address);
});

test("an address that is none is refused beside its field, in words", async (t) => {
  const tab = await openTab(browser);
  t.after(() => tab.close());
  const { page } = tab;
  await tab.open(demo.url);
  await page.locator(".person").click();
  const refusals = { "": "This field may not be blank.", "no-at-sign": "Enter a valid email address." };
  for (const [wrong, words] of Object.entries(refusals)) {
    await page.locator("#new-address").fill(wrong);
    await page.locator('.new-address button[type="submit"]').click();
    const error = "document.querySelector('#new-address-error').textContent";
    await page.waitForFunction(`${error} === ${JSON.stringify(words)}`);
    assert.equal(await page.$eval("#new-address", (input) => input.getAttribute("aria-invalid")), "true");
    assert.equal(await page.evaluate(() => document.activeElement.id), "new-address");
  }
});

test("the inbox shows the mail as it was sent: headers, HTML in a sandbox, text, source", async (t) => {
  const tab = await openTab(browser);
  t.after(() => tab.close());
  const { page } = tab;
  const address = "as.sent@example.net";
  const link = await demo.freshLink("3", address);
  await tab.open(`${demo.url}/inbox/`);
  await openMailTo(page, address);

  assert.match(await textOf(page, ".mail-headers"), /From.*Waxseal demo.*To.*as\.sent@example\.net.*Date/s);
  assert.equal(await page.$eval("#mail-link", (found) => found.href), link);
  const sandbox = await page.$eval(".mail-html", (frame) => frame.getAttribute("sandbox"));
  assert.equal(sandbox, "allow-top-navigation-by-user-activation");
  await page.locator("#tab-text").click();
  await page.waitForFunction((text) => document.querySelector("#tab-panel pre")?.textContent.includes(text), {}, link);
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => /^MIME-Version:/im.test(document.querySelector("#tab-panel pre")?.textContent));
});

test("the link inside the HTML part of the mail opens the verify page in the same tab", async (t) => {
  const tab = await openTab(browser);
  t.after(() => tab.close());
  const { page } = tab;
  const address = "inside@example.net";
  await demo.freshLink("3", address);
  await tab.open(`${demo.url}/inbox/`);
  await openMailTo(page, address);

  const frame = await (await page.waitForSelector(".mail-html")).contentFrame();
  await (await frame.waitForSelector('a[href*="/verify-email/"]')).click();
  const { address: shown } = await tab.waitForState("ready");
  assert.equal(shown, address);
});

/** Moves with the Tab key until the element has the focus. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`the Tab key does not reach ${selector}`);
}

async function pressOn(page, selector, key) {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

function focusedText(page) {
  return page.evaluate(() => document.activeElement.textContent);
}
