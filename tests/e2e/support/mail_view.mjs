/** A mail as a mail program shows its HTML: without scripts, at a width, in light or in dark. */

import { openTab } from "./browser.mjs";

export const themes = ["light", "dark"];

/** Asks for an address as ada, in a language, and gives the mail that comes, with its HTML. */
export async function mailIn(demo, language, address) {
  const { token } = await demo.post("/demo/api/sign-in", { user_id: "1" });
  const earlier = await demo.mails();
  const headers = { Authorization: `Token ${token}`, "Accept-Language": language };
  await demo.post("/api/v1/accounts/register-email/", { email: address }, headers);
  const mail = await demo.waitForMail(address, earlier);
  const html = await (await fetch(`${demo.url}/demo/api/inbox/${mail.id}/html`)).text();
  return { ...mail, html };
}

/** @returns A tab that shows the HTML. Close it. */
export async function openMail(browser, html, { viewport, theme }) {
  const tab = await openTab(browser, { viewport });
  await tab.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await tab.page.setContent(html, { waitUntil: "load" });
  return tab;
}
