/**
 * A page that a link opens, made with the npm package `waxseal` and nothing else. Loading it changes nothing: mail
 * scanners open links too, and some run scripts. Only a press of the button posts the link, once.
 */

import { load, WaxsealError, type LinkCheck, type Purpose, type VerificationLink, type Waxseal } from "waxseal";
import { LinkView } from "./link_view";
import type { Facts, PageWords } from "./outcomes";
import { takeDemoNote } from "./session";

const keysUrl = "/.well-known/jwks.json";
const endpoint = "/api/v1/accounts/";

/** Runs the page. A link for another purpose than this page's is one that was not sent for it: "link-altered". */
export function openLinkPage(purpose: Purpose, words: PageWords): void {
  new LinkPage(purpose, new LinkView(words)).open();
}

class LinkPage {
  readonly #purpose: Purpose;
  readonly #view: LinkView;
  readonly #opened = takeLinkOutOfSight();

  constructor(purpose: Purpose, view: LinkView) {
    this.#purpose = purpose;
    this.#view = view;
  }

  open(): void {
    this.#view.showDemoNote(takeDemoNote());
    void this.#check();
  }

  /** Says what is wrong with the link, or asks for the press. */
  async #check(): Promise<void> {
    try {
      const waxseal = await load({ keysUrl });
      this.#judge(waxseal, await waxseal.check(this.#opened, { purpose: this.#purpose }));
    } catch (error) {
      const isKeys = error instanceof WaxsealError && error.code === "network";
      this.#view.showOutcome(isKeys ? "keys-unavailable" : "module-unavailable", {}, () => this.#check());
    }
  }

  #judge(waxseal: Waxseal, result: LinkCheck): void {
    if (result.status === "malformed") {
      const isNothing = result.missing.length === 4;
      return this.#view.showOutcome(isNothing ? "no-link" : result.code, { missing: result.missing });
    }
    const facts = factsOf(result);
    if (result.status !== "ready") return this.#view.showOutcome(result.code, facts);
    this.#view.showReady(facts, () => this.#confirm(waxseal, result.link, facts));
  }

  /** Posts the link. Called by a press, and again only by a press of "Try again". */
  async #confirm(waxseal: Waxseal, link: VerificationLink, facts: Facts): Promise<void> {
    this.#view.showWorking(facts);
    const outcome = await waxseal.submit(link, { endpoint, purpose: this.#purpose });
    this.#view.showOutcome(outcome.code, { ...facts, retryAfter: outcome.retryAfter }, () =>
      this.#confirm(waxseal, link, facts),
    );
  }
}

/** The link is a secret for as long as it works: it does not stay in the address bar, the history or a bookmark. */
function takeLinkOutOfSight(): string {
  const address = location.href;
  history.replaceState(null, "", location.pathname);
  return address;
}

/** Only a key of the site makes a link worth repeating: anybody can write one with words of their own in it. */
function factsOf({ authentic, link }: Exclude<LinkCheck, { status: "malformed" }>): Facts {
  if (authentic !== true) return {};
  return { address: link.email, issuedAt: link.issuedAt, expiresAt: link.expiresAt };
}
