/**
 * The page behind a link as one element: with a link that works, and with each that does not. The element gets its link by
 * the attribute `link` here, for one page cannot be opened by ten links; on a page of its own it takes the page's address.
 */

import "waxseal/element";
import type { WaxsealVerifyEmail } from "waxseal/element";
import { api } from "./api";
import { announce, byId, element } from "./dom";
import { readSession } from "./session";
import { firstUserId, troubles } from "./troubles";

const languages = { en: "English", de: "Deutsch", es: "Español", fr: "Français", id: "Indonesia", pl: "Polski", pt: "Português" };

const mailDeadlineMs = 15_000;
const mailIntervalMs = 250;

const language = byId<HTMLSelectElement>("language");
language.append(...Object.entries(languages).map(([value, name]) => element("option", { value }, name)));
language.addEventListener("change", () => {
  for (const shown of document.querySelectorAll("waxseal-verify-email")) shown.setAttribute("lang", language.value);
});

const makers = [
  { button: byId<HTMLButtonElement>("make-good"), make: makeGood },
  { button: byId<HTMLButtonElement>("make-bad"), make: makeBad },
];
for (const { button, make } of makers) button.addEventListener("click", () => void run(make));

/** One at a time: each changes the account that the links are made for. */
async function run(make: () => Promise<string | undefined>): Promise<void> {
  for (const { button } of makers) button.disabled = true;
  announce("Preparing the links…");
  byId("element-error").textContent = (await make()) ?? "";
  announce("");
  for (const { button } of makers) button.disabled = false;
}

function elementFor(link: string): WaxsealVerifyEmail {
  return element("waxseal-verify-email", {
    endpoint: "/api/v1/accounts/",
    "keys-url": "/.well-known/jwks.json",
    lang: language.value,
    link,
  });
}

/** Asks for a new address and shows the link of the mail. @return what went wrong, if anything */
async function makeGood(): Promise<string | undefined> {
  const token = readSession()?.token ?? (await firstToken());
  if (token === undefined) return "The demo accounts could not be read. Is the backend still running?";
  const address = `element-${crypto.getRandomValues(new Uint32Array(1))[0]}@example.net`;
  const asked = await api.requestEmail(token, address);
  if (!asked.ok) return asked.failure.message;
  const link = await linkMailedTo(address);
  if (link === undefined) return "The mail did not arrive. Is the backend still running?";
  byId("good").replaceChildren(elementFor(link));
  return undefined;
}

async function firstToken(): Promise<string | undefined> {
  const userId = await firstUserId();
  const answer = userId === undefined ? undefined : await api.signIn(userId);
  return answer?.ok ? answer.value.token : undefined;
}

async function linkMailedTo(address: string): Promise<string | undefined> {
  for (const deadline = Date.now() + mailDeadlineMs; Date.now() < deadline;) {
    const answer = await api.inbox();
    const mail = answer.ok ? answer.value.mails.find(({ to, link }) => to.includes(address) && link !== null) : undefined;
    if (mail?.link) return mail.link;
    await new Promise((resolve) => setTimeout(resolve, mailIntervalMs));
  }
  return undefined;
}

/** One after the other, for each changes the account. @return what went wrong, if anything */
async function makeBad(): Promise<string | undefined> {
  const userId = readSession()?.userId ?? (await firstUserId());
  if (userId === undefined) return "The demo accounts could not be read. Is the backend still running?";
  const list = byId("bad");
  list.replaceChildren();
  for (const { kind, title, description } of troubles) {
    const made = await api.makeLink(userId, kind);
    if (!made.ok) return made.failure.message;
    const item = element("li", { "data-kind": kind }, element("h3", {}, title), element("p", {}, description));
    item.append(elementFor(made.value.url));
    list.append(item);
  }
  return undefined;
}
