/** Writes the picture of the README, docs/images/verify-page.png: the page as a link opens it. */

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { openBrowser, openTab } from "./support/browser.mjs";
import { startDemo } from "./support/server.mjs";

const picture = fileURLToPath(new URL("../../docs/images/verify-page.png", import.meta.url));
const viewport = { width: 960, height: 660, deviceScaleFactor: 2 };

const demo = await startDemo();
const browser = await openBrowser();
try {
  const tab = await openTab(browser, { viewport });
  await tab.open(await demo.freshLink("1", "ada@new-home.example"));
  await tab.waitForState("ready");
  await mkdir(dirname(picture), { recursive: true });
  await tab.page.screenshot({ path: picture });
  console.log(`wrote ${picture}`);
} finally {
  await browser.close();
  await demo.stop();
}
