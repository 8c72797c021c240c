/**
 * One whole round trip through a running demo, as a person goes it: sign in, ask for a new address, open the mail, open
 * its link, press the button, see the changed address.
 *
 *     node round_trip.mjs http://127.0.0.1:8080     prints each step; exits 0 when the address has changed
 */

import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @param {import("./support/browser.mjs").Tab} tab
 * @param {string} url    Where the demo runs.
 * @param {(step: string) => void} say
 * @returns {Promise<string>}  The new address.
 */
export async function goRound(tab, url, say) {
  const { page } = tab;
  await tab.open(url);
  await page.locator(".person").click();
  const before = await textOf(page, "#current-address");
  say(`signed in as ${before}`);

  const address = `new.${Date.now().toString(36)}@example.net`;
  await page.locator("#new-address").fill(address);
  await page.locator('.new-address button[type="submit"]').click();
  await page.waitForSelector("#pending-address");
  say(`asked for ${address}`);

  await page.locator(".pending a").click();
  await openMailTo(page, address);
  say(`read the mail: ${await textOf(page, "#mail-heading")}`);

  await page.locator("#mail-link").click();
  const ready = await tab.waitForState("ready");
  if (ready.address !== address) throw new Error(`the page shows ${ready.address}, not ${address}`);
  say("opened the link: its seal is genuine");

  await page.locator("#confirm").click();
  const { heading } = await tab.waitForState("verified");
  say(`pressed the button: ${heading}`);

  await page.locator(".actions a").click();
  const after = await textOf(page, "#current-address");
  if (after !== address) throw new Error(`the account has ${after}, not ${address}`);
  say(`the address of the account is now ${after}`);
  return after;
}

/** The mail takes a moment: the backend answers before it sends. The inbox looks for it by itself. */
export async function openMailTo(page, address) {
  const entry = `#mail-list a ::-p-text(${address})`;
  await page.locator(entry).click();
  await page.waitForFunction(
    (wanted) => document.querySelector(".mail-headers")?.textContent.includes(wanted),
    {},
    address,
  );
}

export async function textOf(page, selector) {
  const element = await page.waitForSelector(selector);
  return element.evaluate((found) => found.textContent);
}

async function main(url) {
  if (!url) {
    console.error("usage: node round_trip.mjs URL");
    return 2;
  }
  const chromium = process.env.WAXSEAL_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(chromium)) {
    console.error(`error: no browser at ${chromium}`);
    return 1;
  }
  // Run by itself, this may be the first thing here that needs puppeteer-core.
  execFileSync(fileURLToPath(new URL("install", import.meta.url)), { stdio: "inherit" });
  const { openBrowser, openTab } = await import("./support/browser.mjs");
  const browser = await openBrowser();
  try {
    await goRound(await openTab(browser), url, (step) => console.log(`  ${step}`));
    return 0;
  } catch (error) {
    console.error(`error: the round trip stopped: ${error.message}`);
    return 1;
  } finally {
    await browser.close();
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv[2]);
}
