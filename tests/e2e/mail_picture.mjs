/**
 * Writes the picture of docs/mail.md, docs/images/mail-phone.png: the mail on a phone, in light and in dark, side by side.
 * `run --mail-picture FOLDER` writes every view of it into a folder, too.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { desktop, openBrowser, openTab } from "./support/browser.mjs";
import { mailIn, openMail, themes } from "./support/mail_view.mjs";
import { startDemo } from "./support/server.mjs";

const picture = fileURLToPath(new URL("../../docs/images/mail-phone.png", import.meta.url));
const folder = process.argv[2];
const phone = { width: 390, height: 640, deviceScaleFactor: 1 };
const gap = 24;

const demo = await startDemo();
const browser = await openBrowser();

/** The mail as a PNG in base64. */
async function view(html, viewport, theme) {
  const tab = await openMail(browser, html, { viewport, theme });
  const image = await tab.page.screenshot({ encoding: "base64", fullPage: true });
  await tab.close();
  return image;
}

try {
  const mail = await mailIn(demo, "en", "ada@new-home.example");
  // As the site of the documentation would send it: the demo's own name is an address of this machine.
  const html = mail.html.replaceAll(demo.url, "https://site.example").replaceAll(new URL(demo.url).host, "site.example");
  const phones = await Promise.all(themes.map((theme) => view(html, phone, theme)));
  const tab = await openTab(browser, { viewport: { width: 2 * phone.width + gap, height: phone.height } });
  const images = phones.map((image) => `<img src="data:image/png;base64,${image}" style="flex:none">`).join("");
  await tab.page.setContent(`<body style="margin:0;display:flex;align-items:start;gap:${gap}px">${images}</body>`);
  await tab.page.screenshot({ path: picture, fullPage: true });
  console.log(`wrote ${picture}`);
  if (folder) {
    for (const theme of themes) {
      await writeFile(join(folder, `desktop-${theme}.png`), await view(html, desktop, theme), "base64");
      await writeFile(join(folder, `phone-${theme}.png`), await view(html, phone, theme), "base64");
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}
