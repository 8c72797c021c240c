/**
 * Writes the pictures of the element in each of its states, docs/images/element-*.png: one sheet for light and dark, each as
 * a desktop and as a phone shows it.
 */

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { startSite } from "./element/site.mjs";
import { states } from "./element/states.mjs";
import { openElementTab } from "./element/tab.mjs";
import { openBrowser, phone } from "./support/browser.mjs";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));

/** The page around the element has no look of its own but the browser's for this scheme. */
const pageStyle = `:root { color-scheme: light dark; font-family: "DejaVu Sans", sans-serif } main { padding: 8px } h1 { display: none }
  waxseal-verify-email { --waxseal-font: 1rem/1.5 "DejaVu Sans", sans-serif }`;

const devices = {
  desktop: { viewport: { width: 560, height: 400, deviceScaleFactor: 1 }, columns: 3 },
  phone: { viewport: { ...phone, width: 320, deviceScaleFactor: 1 }, columns: 6 },
};

/** One state, as a PNG of the element alone. */
async function pictureOf(browser, site, state, viewport, scheme) {
  site.reset();
  site.files.set("/style.css", { headers: { "Content-Type": "text/css" }, body: pageStyle });
  const tab = await openElementTab(browser, { viewport });
  try {
    await tab.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await state.reach(site, tab);
    await tab.page.mouse.move(0, 0);
    const element = await tab.page.$("main");
    return await element.screenshot({ encoding: "base64" });
  } finally {
    state.release?.();
    await tab.close();
  }
}

/** All pictures on one sheet, each under its name. */
async function writeSheet(browser, pictures, { columns, viewport }, scheme, path) {
  const [ink, paper] = scheme === "dark" ? ["#ddd", "#000"] : ["#222", "#fff"];
  const figures = pictures.map(([name, png]) => `<figure><figcaption>${name}</figcaption><img src="data:image/png;base64,${png}"></figure>`);
  const page = await browser.newPage();
  await page.setViewport({ width: columns * (viewport.width + 16), height: 100 });
  await page.setContent(`<!doctype html><style>
    body { background: ${paper}; color: ${ink}; font: 14px "DejaVu Sans Mono", monospace; margin: 8px;
      display: grid; grid-template-columns: repeat(${columns}, auto); gap: 8px; align-items: start }
    figure { margin: 0 } figcaption { padding: 4px 8px }</style>${figures.join("")}`);
  await page.screenshot({ path, fullPage: true });
  await page.close();
  console.log(`wrote ${path}`);
}

const [browser, site] = await Promise.all([openBrowser(), startSite()]);
try {
  await mkdir(folder, { recursive: true });
  for (const scheme of ["light", "dark"]) {
    for (const [device, settings] of Object.entries(devices)) {
      const pictures = [];
      for (const [name, state] of Object.entries(states)) {
        pictures.push([name, await pictureOf(browser, site, state, settings.viewport, scheme)]);
      }
      await writeSheet(browser, pictures, settings, scheme, `${folder}element-${scheme}-${device}.png`);
    }
  }
} finally {
  site.stop();
  await browser.close();
}
