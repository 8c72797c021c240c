/**
 * The page that a verification link opens, made with the npm package `waxseal` and nothing else. Loading it changes
 * nothing: mail scanners open links too, and some run scripts. Only a press of the button posts the link, once.
 */

import { load, WaxsealError, type LinkCheck, type VerificationLink, type Waxseal } from "waxseal";
import type { Facts } from "./outcomes";
import { takeDemoNote } from "./session";
import { showDemoNote, showOutcome, showReady, showWorking } from "./verify_view";

const keysUrl = "/.well-known/jwks.json";
const endpoint = "/api/v1/accounts/";

const opened = takeLinkOutOfSight();
showDemoNote(takeDemoNote());
void check();

/** The link is a secret for as long as it works: it does not stay in the address bar, the history or a bookmark. */
function takeLinkOutOfSight(): string {
  const address = location.href;
  history.replaceState(null, "", location.pathname);
  return address;
}

/** Says what is wrong with the link, or asks for the press that confirms it. */
async function check(): Promise<void> {
  try {
    const waxseal = await load({ keysUrl });
    judge(waxseal, await waxseal.check(opened));
  } catch (error) {
    const isKeys = error instanceof WaxsealError && error.code === "network";
    showOutcome(isKeys ? "keys-unavailable" : "module-unavailable", {}, check);
  }
}

function judge(waxseal: Waxseal, result: LinkCheck): void {
  if (result.status === "malformed") {
    const isNothing = result.missing.length === 4;
    return showOutcome(isNothing ? "no-link" : result.code, { missing: result.missing });
  }
  const facts = factsOf(result);
  if (result.status !== "ready") return showOutcome(result.code, facts);
  showReady(facts, () => confirm(waxseal, result.link, facts));
}

/** Posts the link. Called by a press, and again only by a press of "Try again". */
async function confirm(waxseal: Waxseal, link: VerificationLink, facts: Facts): Promise<void> {
  showWorking(facts);
  const outcome = await waxseal.submit(link, { endpoint });
  showOutcome(outcome.code, { ...facts, retryAfter: outcome.retryAfter }, () => confirm(waxseal, link, facts));
}

/** Only a key of the site makes a link worth repeating: anybody can write one with words of their own in it. */
function factsOf({ authentic, link }: Exclude<LinkCheck, { status: "malformed" }>): Facts {
  if (authentic !== true) return {};
  return { address: link.email, issuedAt: link.issuedAt, expiresAt: link.expiresAt };
}
