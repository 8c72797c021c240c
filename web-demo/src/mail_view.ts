/** One mail: its headers, its link as a button, and its parts as tabs. */

import { api, type Mail } from "./api";
import { element } from "./dom";
import { tabs, type Tab } from "./tabs";

export function drawMail(pane: HTMLElement, mail: Mail): void {
  const link = mail.link === null ? undefined : linkButton(mail.link);
  pane.replaceChildren(
    element("a", { class: "back-link", href: "#" }, "All mails"),
    element("h2", { id: "mail-heading", tabindex: "-1" }, mail.subject),
    headers(mail),
    ...(link ? [link] : []),
    tabs("Parts of the mail", partsOf(mail)),
  );
}

function headers(mail: Mail): HTMLElement {
  const rows: [string, string][] = [
    ["From", mail.from],
    ["To", mail.to],
    ["Date", mail.date],
  ];
  return element(
    "dl",
    { class: "mail-headers" },
    ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}

/** Only web addresses: whatever a mail holds, it gets no other kind of link onto this page. */
function linkButton(address: string): HTMLElement | undefined {
  if (!/^https?:\/\//.test(address)) return undefined;
  return element(
    "div",
    { class: "mail-link" },
    element("a", { id: "mail-link", class: "button button-primary", href: address }, "Open the link in this mail"),
    element("p", { class: "quiet" }, "The same link stands in the mail itself."),
  );
}

function partsOf(mail: Mail): Tab[] {
  const source = async () => {
    const answer = await api.mailSource(mail.id);
    return preformatted(answer.ok ? answer.value : answer.failure.message, "Source of the mail");
  };
  const parts: Tab[] = [
    { name: "Text", content: async () => preformatted(mail.text, "Text of the mail") },
    { name: "Source", content: source },
  ];
  return mail.has_html ? [{ name: "Mail", content: async () => htmlPart(mail) }, ...parts] : parts;
}

/** The mail's own HTML, fenced in: no script, no form, no origin; a pressed link may open in this tab. */
function htmlPart(mail: Mail): HTMLElement {
  return element("iframe", {
    class: "mail-html",
    title: "The mail as its reader sees it",
    src: api.mailHtmlAddress(mail.id),
    sandbox: "allow-top-navigation-by-user-activation",
  });
}

function preformatted(text: string, label: string): HTMLElement {
  // Wide lines scroll sideways, so the keyboard must be able to get in.
  return element("pre", { class: "mail-text", tabindex: "0", role: "region", "aria-label": label }, text);
}
