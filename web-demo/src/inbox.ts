/** The inbox: the list of mails, kept up to date, and the one that is open, named by the fragment of the address. */

import { api, type Mail } from "./api";
import { announce, button, byId, element } from "./dom";
import { shortly } from "./format";
import { drawMail } from "./mail_view";

const lookAgainAfterMs = 2000;
const hasRoomForBoth = window.matchMedia("(min-width: 56rem)");

let mails: Mail[] | undefined;
let openId: string | undefined;

window.addEventListener("hashchange", () => showOpenMail(true));
hasRoomForBoth.addEventListener("change", () => showOpenMail(false));
void lookForMail();

async function lookForMail(): Promise<void> {
  if (!document.hidden) await readMails();
  setTimeout(() => void lookForMail(), lookAgainAfterMs);
}

async function readMails(): Promise<void> {
  const answer = await api.inbox();
  if (!answer.ok) return showFailure(answer.failure.message);
  const before = mails;
  mails = answer.value.mails;
  // Drawing the list anew would take the keyboard out of it, so it is done only for new mail.
  if (before && idsOf(before) === idsOf(mails)) return clearFailure();
  drawList(mails);
  showOpenMail(false);
  if (before) announce(`New mail: ${mails[0]?.subject ?? ""}`);
}

function idsOf(list: Mail[]): string {
  return list.map((mail) => mail.id).join(" ");
}

function drawList(list: Mail[]): void {
  const place = byId("mail-list");
  const focused = document.activeElement?.closest("#mail-list a")?.getAttribute("href");
  place.replaceChildren(...list.map((mail) => element("li", {}, listEntry(mail))));
  place.hidden = list.length === 0;
  if (focused) place.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  if (list.length === 0) drawEmpty();
  else byId("mail-list-state").replaceChildren();
}

function addressOf(mail: Mail): string {
  return `#${encodeURIComponent(mail.id)}`;
}

function listEntry(mail: Mail): HTMLAnchorElement {
  return element(
    "a",
    { href: addressOf(mail), "data-mail": mail.id },
    element(
      "span",
      { class: "mail-entry-top" },
      element("span", { class: "mail-entry-to" }, mail.to),
      element("time", {}, shortly(mail.date)),
    ),
    element("span", { class: "mail-entry-subject" }, mail.subject),
  );
}

function drawEmpty(): void {
  byId("mail-list-state").replaceChildren(
    element(
      "div",
      { class: "card empty" },
      element("img", { src: "/seal-letter.svg", alt: "", width: "56", height: "56" }),
      element("h3", {}, "No mail yet"),
      element(
        "p",
        { class: "quiet" },
        "Ask for a new address on the account page, and the mail with the link arrives here within a second or two.",
      ),
      element("a", { class: "button button-primary", href: "/" }, "Go to the account"),
    ),
  );
}

function showFailure(message: string): void {
  const again = button("Try again", { class: "button" }, () => void readMails());
  byId("mail-list-state").replaceChildren(
    element("div", { class: "card" }, element("p", { role: "alert" }, message), again),
  );
}

function clearFailure(): void {
  if (mails && mails.length > 0) byId("mail-list-state").replaceChildren();
}

/** @param moved  Whether the person chose another mail: then the keyboard follows. */
function showOpenMail(moved: boolean): void {
  const newest = hasRoomForBoth.matches ? mails?.[0] : undefined;
  const mail = location.hash === "" ? newest : mails?.find((each) => addressOf(each) === location.hash);
  const pane = byId("mail");
  byId("mailbox").classList.toggle("has-open-mail", mail !== undefined);
  markOpen(mail?.id);
  pane.hidden = mail === undefined;
  if (mail && mail.id !== openId) drawMail(pane, mail);
  openId = mail?.id;
  document.title = `${mail ? `${mail.subject} · ` : ""}Inbox · Waxseal demo`;
  if (moved) byId(mail ? "mail-heading" : "mails-heading").focus();
}

function markOpen(id: string | undefined): void {
  for (const entry of byId("mail-list").querySelectorAll<HTMLElement>("a")) {
    if (entry.dataset["mail"] === id) entry.setAttribute("aria-current", "true");
    else entry.removeAttribute("aria-current");
  }
}
