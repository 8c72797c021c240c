/** "What can go wrong": a button for each way in which a link can fail. */

import { api, type TroubleKind } from "./api";
import { announce, byId, element } from "./dom";
import { leaveDemoNote, readSession } from "./session";

export interface Trouble {
  kind: TroubleKind;
  title: string;
  description: string;
}

export const troubles: Trouble[] = [
  { kind: "expired", title: "Expired", description: "The mail lay unread for longer than a link holds." },
  { kind: "altered", title: "Altered", description: "Somebody put another address into the link." },
  { kind: "used", title: "Used", description: "The link did its work already, and the account moved on." },
  { kind: "older", title: "Older", description: "A newer link was asked for after this one." },
  { kind: "changed", title: "Account changed", description: "The account changed between the mail and the click." },
  { kind: "cancelled", title: "Called off", description: "The owner of the old address said no before the press." },
  { kind: "undone", title: "Undone", description: "The owner of the old address took the change back afterwards." },
  { kind: "truncated", title: "Cut short", description: "A mail program broke the link at the end of a line." },
  { kind: "forged", title: "Forged", description: "Somebody without the site's key made up a link." },
];

export function showTroubles(): void {
  byId("trouble-list").replaceChildren(...troubles.map((trouble) => element("li", {}, troubleButton(trouble))));
}

function troubleButton({ kind, title, description }: Trouble): HTMLButtonElement {
  const pressable = element(
    "button",
    { type: "button", class: "trouble", "data-kind": kind },
    element("span", { class: "trouble-title" }, title),
    " ",
    element("span", { class: "trouble-description" }, description),
  );
  pressable.addEventListener("click", () => void openTrouble(kind, pressable));
  return pressable;
}

async function openTrouble(kind: TroubleKind, pressed: HTMLButtonElement): Promise<void> {
  const buttons = byId("trouble-list").querySelectorAll("button");
  buttons.forEach((each) => (each.disabled = true));
  pressed.setAttribute("aria-busy", "true");
  showError("");
  announce("Preparing the link…");

  const failure = await prepareAndOpen(kind);
  if (failure === undefined) return; // The browser is on its way to the verify page.

  buttons.forEach((each) => (each.disabled = false));
  pressed.removeAttribute("aria-busy");
  pressed.focus();
  announce("");
  showError(failure);
}

/** Opens the link, or says why not. */
async function prepareAndOpen(kind: TroubleKind): Promise<string | undefined> {
  const userId = readSession()?.userId ?? (await firstUserId());
  if (userId === undefined) return "The demo accounts could not be read. Is the backend still running?";
  const made = await api.makeLink(userId, kind);
  if (!made.ok) return made.failure.message;
  // Only checked, never rewritten: a link that is broken on purpose must stay broken.
  if (new URL(made.value.url, location.href).origin !== location.origin)
    return "The backend gave a link to another site.";
  leaveDemoNote(made.value.explanation);
  location.assign(made.value.url);
  return undefined;
}

/** Who the links are made for where nobody is signed in. */
export async function firstUserId(): Promise<string | undefined> {
  const answer = await api.users();
  return answer.ok ? answer.value.users[0]?.id : undefined;
}

function showError(text: string): void {
  const line = byId("troubles-error");
  line.textContent = text;
  line.hidden = text === "";
}
