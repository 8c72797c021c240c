/** Draws the states of a page that a link opens into its one card. */

import { announce, button, byId, element } from "./dom";
import { inWords } from "./format";
import type { Action, Facts, PageWords, Seal } from "./outcomes";

interface State {
  /** For the stylesheet and the tests: "ready", "working", or the code of the outcome. */
  name: string;
  seal: Seal;
  heading: string;
  explanation: string;
  nextStep: string;
  address: HTMLElement | undefined;
  actions: HTMLElement[];
}

export class LinkView {
  readonly #words: PageWords;

  constructor(words: PageWords) {
    this.#words = words;
  }

  showReady(facts: Facts, onConfirm: () => Promise<void>): void {
    const { heading, explanation, nextStep, addressLabel, press } = this.#words.ready;
    const confirm = button(press, { id: "confirm", class: "button button-primary" }, () => {
      // A double press must not post twice: this handler runs to its end before the second press is looked at.
      if (confirm.disabled) return;
      confirm.disabled = true;
      void onConfirm();
    });
    const until = facts.expiresAt ? ` The link works until ${inWords(facts.expiresAt)}.` : "";
    draw({
      name: "ready",
      seal: "seal-letter",
      heading,
      explanation,
      nextStep: `${nextStep}${until}`,
      address: addressBox(addressLabel, facts.address),
      actions: [confirm],
    });
    announce(`The link is good. ${this.#words.ready.announcement}`);
  }

  showWorking(facts: Facts): void {
    const { addressLabel, working } = this.#words.ready;
    draw({
      name: "working",
      seal: "seal-letter",
      heading: working,
      explanation: "We are asking the site to make the change. This takes a second or two.",
      nextStep: "Please leave this page open.",
      address: addressBox(addressLabel, facts.address),
      actions: [button("One moment…", { id: "confirm", class: "button button-primary", disabled: true }, () => undefined)],
    });
    announce(`${working}…`);
  }

  /** @param onRetry  What "Try again" does; needed by the outcomes that offer it. */
  showOutcome(code: string, facts: Facts, onRetry: () => Promise<void> = async () => undefined): void {
    const { seal, heading, explanation, nextStep, addressLabel, actions } = this.#words.outcomeFor(code);
    draw({
      name: code,
      seal,
      heading,
      explanation: typeof explanation === "string" ? explanation : explanation(facts),
      nextStep,
      address: addressLabel === undefined ? undefined : addressBox(addressLabel, facts.address),
      actions: actions.map((action, index) => actionElement(action, index === 0, facts, onRetry)),
    });
    byId("state").append(
      element("p", { class: "reference" }, "Reference ", element("code", { id: "outcome-code" }, code)),
    );
    announce("");
    byId("state-heading").focus();
  }

  /** The demo's own remark about the link that it made; a page of yours has none. */
  showDemoNote(note: string | undefined): void {
    if (note === undefined) return;
    const aside = byId("demo-note");
    aside.replaceChildren(element("strong", {}, "What the demo did"), element("p", {}, note));
    aside.hidden = false;
  }
}

function draw(state: State): void {
  const card = byId("state");
  card.dataset["state"] = state.name;
  card.replaceChildren(
    element("img", { class: "state-seal", src: `/${state.seal}.svg`, alt: "", width: "72", height: "72" }),
    element("h1", { id: "state-heading", tabindex: "-1" }, state.heading),
    element("p", { class: "explanation" }, state.explanation),
    ...(state.address ? [state.address] : []),
    element("div", { class: "actions" }, ...state.actions),
    element("p", { class: "next-step" }, state.nextStep),
  );
  document.title = `${state.heading} · Waxseal demo`;
}

/** Nothing where the site's keys did not confirm the link: then its address is whatever the sender liked. */
function addressBox(label: string, address: string | undefined): HTMLElement | undefined {
  if (address === undefined) return undefined;
  return element("dl", { class: "facts" }, element("dt", {}, label), element("dd", { id: "link-address" }, address));
}

const destinations: Record<Exclude<Action, "retry">, { label: string; href: string }> = {
  account: { label: "Go to your account", href: "/" },
  "ask-again": { label: "Ask for a new link", href: "/#account" },
  inbox: { label: "Open the inbox", href: "/inbox/" },
};

function actionElement(action: Action, primary: boolean, facts: Facts, onRetry: () => Promise<void>): HTMLElement {
  const style = primary ? "button button-primary" : "button";
  if (action === "retry") return retryButton(style, facts.retryAfter, onRetry);
  const { label, href } = destinations[action];
  return element("a", { class: style, href }, label);
}

/** Works at once, or when the time that the site asked for is over. */
function retryButton(style: string, wait: number | undefined, onRetry: () => Promise<void>): HTMLButtonElement {
  const retry = button("Try again", { id: "retry", class: style, disabled: wait !== undefined }, () => {
    if (retry.disabled) return;
    retry.disabled = true;
    void onRetry();
  });
  if (wait !== undefined) {
    setTimeout(() => {
      retry.disabled = false;
      announce("You can try again now.");
    }, wait * 1000);
  }
  return retry;
}
