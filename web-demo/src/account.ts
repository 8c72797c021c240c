/** The account card: sign in, the address in force, the one that waits to be confirmed, the form for a new one. */

import { api, type Account, type Failure, type User } from "./api";
import { announce, button, byId, element } from "./dom";
import { forgetSession, readSession, saveSession, type Session } from "./session";

/** Where the keyboard goes when the card has been drawn anew. */
type FocusTarget = "nothing" | "heading" | "pending";

export function showAccount(): void {
  void refresh("nothing");
}

async function refresh(focus: FocusTarget): Promise<void> {
  const session = readSession();
  if (!session) return showSignIn(focus);
  const answer = await api.account(session.token);
  if (answer.ok) return drawSignedIn(session, answer.value, focus);
  if (!endsSession(answer.failure)) return drawFailure(answer.failure);
  forgetSession();
  return showSignIn(focus);
}

/** Whether the backend does not know the token any more, as after the demo was started anew. */
function endsSession({ code }: Failure): boolean {
  return code === "invalid-token" || code === "not-authenticated" || code === "user-inactive";
}

async function showSignIn(focus: FocusTarget): Promise<void> {
  const answer = await api.users();
  if (answer.ok) drawSignIn(answer.value.users, focus);
  else drawFailure(answer.failure);
}

function draw(heading: HTMLElement, ...content: (Node | undefined)[]): void {
  const card = byId("account");
  card.replaceChildren(heading, ...content.filter((node) => node !== undefined));
  card.removeAttribute("aria-busy");
}

function headingOf(text: string): HTMLHeadingElement {
  return element("h2", { id: "account-heading", tabindex: "-1" }, text);
}

function drawFailure(failure: Failure): void {
  const heading = headingOf("The backend does not answer");
  draw(
    heading,
    element("p", {}, failure.message),
    button("Try again", { class: "button" }, () => void refresh("heading")),
  );
  heading.focus();
}

// Signed out

function drawSignIn(users: User[], focus: FocusTarget): void {
  const heading = headingOf("Sign in");
  const error = element("p", { class: "field-error", role: "alert", hidden: true });
  const list = element("ul", { class: "people" }, ...users.map((user) => element("li", {}, personButton(user, error))));
  draw(
    heading,
    element("p", { class: "quiet" }, "Choose one of the demo accounts. There is no password."),
    list,
    error,
  );
  if (focus !== "nothing") heading.focus();
}

function personButton(user: User, error: HTMLElement): HTMLButtonElement {
  const pressable = element(
    "button",
    { type: "button", class: "person", "data-user": user.id },
    avatar(user.email),
    element(
      "span",
      { class: "person-text" },
      element("span", { class: "person-email" }, user.email),
      element("span", { class: "quiet" }, `Account ${user.id}`),
    ),
  );
  pressable.addEventListener("click", () => void signIn(user, error));
  return pressable;
}

async function signIn(user: User, error: HTMLElement): Promise<void> {
  const answer = await api.signIn(user.id);
  if (!answer.ok) {
    error.textContent = answer.failure.message;
    error.hidden = false;
    return;
  }
  saveSession({ token: answer.value.token, userId: answer.value.user.id });
  announce(`Signed in as ${answer.value.user.email}`);
  await refresh("heading");
}

function avatar(email: string): HTMLElement {
  return element("span", { class: "avatar", "aria-hidden": "true" }, (Array.from(email)[0] ?? "?").toUpperCase());
}

// Signed in

function drawSignedIn(session: Session, account: Account, focus: FocusTarget): void {
  const heading = headingOf("Your account");
  const signOut = button("Switch account", { class: "button button-plain" }, () => {
    forgetSession();
    void refresh("heading");
  });
  const pending = account.pending === null ? undefined : pendingNotice(account.pending);
  draw(
    heading,
    signOut,
    element(
      "dl",
      { class: "facts" },
      element("dt", {}, "Email address"),
      element("dd", { id: "current-address" }, account.email),
    ),
    pending,
    newAddressForm(session, pending === undefined),
  );
  if (focus === "heading") heading.focus();
  if (focus === "pending") pending?.querySelector("h3")?.focus();
}

function pendingNotice(address: string): HTMLElement {
  return element(
    "div",
    { class: "pending" },
    element("h3", { tabindex: "-1" }, "Waiting to be confirmed"),
    element("p", { id: "pending-address", class: "address" }, address),
    element(
      "p",
      {},
      "We sent a link to this address. Until it is opened and confirmed, the old address stays in force.",
    ),
    element("a", { class: "button button-primary", href: "/inbox/" }, "Open the inbox"),
  );
}

/** @param primary  Whether asking is the thing to do now, rather than reading the mail that was asked for. */
function newAddressForm(session: Session, primary: boolean): HTMLFormElement {
  const input = element("input", {
    id: "new-address",
    name: "email",
    // Not type="email": the browser would rewrite international domains, and the backend is to judge what was typed.
    type: "text",
    inputmode: "email",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-describedby": "new-address-error new-address-hint",
  });
  const error = element("p", { id: "new-address-error", class: "field-error" });
  const submit = element(
    "button",
    { type: "submit", class: primary ? "button button-primary" : "button" },
    "Send the link",
  );
  const form = element(
    "form",
    { class: "new-address", novalidate: true },
    element("label", { for: "new-address" }, "New email address"),
    element("div", { class: "field-row" }, input, submit),
    error,
    element("p", { id: "new-address-hint", class: "quiet" }, "Any address will do: its mail goes to the demo inbox."),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void askForAddress(session, input, submit, error);
  });
  return form;
}

async function askForAddress(
  session: Session,
  input: HTMLInputElement,
  submit: HTMLButtonElement,
  error: HTMLElement,
): Promise<void> {
  submit.disabled = true;
  error.textContent = "";
  input.removeAttribute("aria-invalid");
  announce("Sending the link…");
  const answer = await api.requestEmail(session.token, input.value);
  submit.disabled = false;
  if (answer.ok) {
    announce(`A link is on its way to ${input.value}`);
    return refresh("pending");
  }
  announce("");
  if (endsSession(answer.failure)) return refresh("heading");
  error.textContent = explain(answer.failure);
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

function explain(failure: Failure): string {
  const problems = Object.values(failure.fields).flat();
  return problems.length > 0 ? problems.join(" ") : failure.message;
}
