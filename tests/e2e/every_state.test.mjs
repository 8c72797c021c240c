/**
 * Each page in each of its states, light and dark, on a phone and on a desk: axe-core finds nothing, nothing sticks out
 * sideways, and a picture of it is kept in build/screenshots/.
 */

import assert from "node:assert/strict";
import { mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { desktop, openBrowser, openTab, phone } from "./support/browser.mjs";
import { startDemo } from "./support/server.mjs";
import { statesOf } from "./support/states.mjs";

const pictures = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));
const viewports = { desktop, phone };
const schemes = ["light", "dark"];

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let demo;
let browser;

before(async () => {
  await rm(pictures, { recursive: true, force: true });
  await mkdir(pictures, { recursive: true });
  demo = await startDemo();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

for (const { name, open, runsScripts = true } of statesOf(() => demo)) {
  test(`${name}: accessible, light and dark, phone and desktop`, async (t) => {
    for (const [size, viewport] of Object.entries(viewports)) {
      const tab = await openTab(browser, { viewport });
      t.after(() => tab.close());
      await open(tab);
      for (const scheme of schemes) {
        await keepPicture(tab.page, `${name}-${size}-${scheme}`, scheme);
        assert.equal(await overhang(tab.page), 0, "scrolls sideways");
        // axe-core is a script, and looks past everything in <noscript>.
        if (runsScripts) assert.deepEqual(await violations(tab.page), [], `${size}, ${scheme}`);
      }
    }
  });
}

async function keepPicture(page, name, scheme) {
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
}

/** By how many pixels the page is wider than its window. */
function overhang(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What axe-core has to say, in short. The HTML of a mail is the mail's own, in a frame without scripts. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { iframes: false, resultTypes: ["violations"] }),
  );
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`,
  );
}
