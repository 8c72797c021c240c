/** The HTML of the mails in a real browser: every language, on a phone and on a desk, in light and in dark. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { desktop, openBrowser, phone } from "./support/browser.mjs";
import { mailIn, openMail, themes } from "./support/mail_view.mjs";
import { startDemo } from "./support/server.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const languages = ["en", "de", "es", "fr", "id", "pl", "pt-BR"];

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

for (const language of languages) {
  test(`the mail in ${language} fits, can be read and leads to its link`, async () => {
    const mail = await mailIn(demo, language, `${language}@a-rather-long-name-of-a-host.example`);
    for (const viewport of [phone, desktop]) {
      for (const theme of themes) {
        const tab = await openMail(browser, mail.html, { viewport, theme });
        const seen = await tab.page.evaluate(() => ({
          language: document.documentElement.lang,
          overflow: document.documentElement.scrollWidth - window.innerWidth,
          links: [...document.querySelectorAll("a")].map((link) => link.href),
          background: getComputedStyle(document.body).backgroundColor,
          images: document.querySelectorAll("img, link, script, iframe").length,
        }));
        const at = `${theme}, ${viewport.width} wide`;
        assert.equal(seen.language, language, at);
        assert.ok(seen.overflow <= 0, `${at}: ${seen.overflow} pixels too wide`);
        assert.deepEqual(seen.links, [mail.link, mail.link], at);
        assert.equal(seen.images, 0, "nothing is loaded from elsewhere");
        assert.equal(seen.background, theme === "dark" ? "rgb(23, 21, 19)" : "rgb(246, 244, 241)", at);
        await tab.page.evaluate(axe);
        const { violations } = await tab.page.evaluate(() =>
          globalThis.axe.run(document, { runOnly: ["color-contrast", "html-has-lang", "html-lang-valid", "link-name", "document-title"] }),
        );
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], at);
        await tab.close();
      }
    }
  });
}
