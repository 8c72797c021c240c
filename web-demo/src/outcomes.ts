/**
 * What the page that confirms an address says, for people who never heard of signatures: one entry for each thing that a link or the
 * backend can turn out to be. The codes are those of the package and the backend; "no-link", "keys-unavailable" and
 * "module-unavailable" are this page's own.
 */

import { duration, inWords } from "./format";

/** What the page knows of the link. An address is here only if a key of the site confirms the link. */
export interface Facts {
  address?: string | undefined;
  issuedAt?: Date | undefined;
  expiresAt?: Date | undefined;
  /** Names of the values that a malformed link lacks. */
  missing?: readonly string[];
  /** Seconds to wait, as the backend asked. */
  retryAfter?: number | undefined;
}

export type Seal = "seal-letter" | "seal-verified" | "seal-faded" | "seal-broken" | "seal-waiting";

/** What a person can do next: go somewhere, or try the same again. */
export type Action = "account" | "ask-again" | "inbox" | "retry";

export interface Outcome {
  seal: Seal;
  heading: string;
  explanation: string | ((facts: Facts) => string);
  nextStep: string;
  /** What the address is to the account now. Left out where no address may be shown. */
  addressLabel?: string;
  /** The first is the one to press. */
  actions: Action[];
}

/** All that a page which a link opens says of its own accord. */
export interface PageWords {
  /** Before the press: what it does. */
  ready: {
    heading: string;
    explanation: string;
    nextStep: string;
    addressLabel: string;
    /** The words on the button. */
    press: string;
    /** For people who listen: what a press does. */
    announcement: string;
    /** The heading while the site is asked. */
    working: string;
  };
  /** What to say for a code. A code that this page does not know yet is treated as a fault of the site. */
  outcomeFor(code: string): Outcome;
}

const unchanged = "Nothing was changed.";

const outcomes: Record<string, Outcome> & { internal: Outcome } = {
  verified: {
    seal: "seal-verified",
    heading: "Your address is confirmed",
    explanation: "Mail for your account goes there from now on. The link has done its work and cannot be used again.",
    nextStep: "You can close this page, or look at your account.",
    addressLabel: "Your account now uses",
    actions: ["account"],
  },
  "already-verified": {
    seal: "seal-verified",
    heading: "This address was confirmed before",
    explanation: "The link was opened a second time, which does no harm: your account uses the address already.",
    nextStep: "There is nothing left to do.",
    addressLabel: "Your account uses",
    actions: ["account"],
  },

  "link-expired": {
    seal: "seal-faded",
    heading: "This link has expired",
    explanation: ({ issuedAt, expiresAt }) =>
      `A link works only for a limited time, in case a mail falls into the wrong hands later. ${
        issuedAt && expiresAt ? `This one was sent on ${inWords(issuedAt)} and ran out on ${inWords(expiresAt)}. ` : ""
      }${unchanged}`,
    nextStep: "The new one arrives within a minute, and you can open it at once.",
    addressLabel: "The link was for",
    actions: ["ask-again"],
  },
  "signature-expired": {
    seal: "seal-faded",
    heading: "This link has just run out",
    explanation:
      "The site's clock says that the time of this link is over. That happens when the page stays open for " +
      "long, or when the clock of your device is slow. " +
      unchanged,
    nextStep: "Ask for a new link and open it soon after it arrives.",
    addressLabel: "The link was for",
    actions: ["ask-again"],
  },
  "link-altered": {
    seal: "seal-broken",
    heading: "This is not the link that was sent",
    explanation:
      "Each link is sealed, and only this site can make the seal. The seal on this one does not fit: a mail " +
      "program damaged the link, or somebody changed it to mislead you. So we do not show what it says. " +
      unchanged,
    nextStep: "Open the link again, straight from our mail. If you see this page once more, ask for a new link.",
    actions: ["inbox", "ask-again"],
  },
  "signature-invalid": {
    seal: "seal-broken",
    heading: "The site does not recognise this link",
    explanation: `The link looks whole, but the site did not make it or no longer accepts its seal. ${unchanged}`,
    nextStep: "Open the link again, straight from our mail. If that fails, ask for a new one.",
    actions: ["inbox", "ask-again"],
  },
  "link-malformed": {
    seal: "seal-broken",
    heading: "This link arrived damaged",
    explanation: ({ missing = [] }) =>
      `Mail programs sometimes cut a long link in two, or change it on the way. ${
        missing.length > 0 ? `Missing here: ${listed(missing.map((name) => partNames[name] ?? name))}. ` : ""
      }${unchanged}`,
    nextStep: "Press the button in the mail, or copy the link from its first to its last letter into the address bar.",
    actions: ["inbox", "ask-again"],
  },
  "no-link": {
    seal: "seal-letter",
    heading: "Open this page from your mail",
    explanation:
      "This page confirms a new address, and it needs the link that we mailed to you. If you loaded the page " +
      "anew, the link is gone from it: we take it out of the address bar so that nobody else finds it there.",
    nextStep: "Go back to the mail and press its button again.",
    actions: ["inbox", "account"],
  },

  "link-used": {
    seal: "seal-faded",
    heading: "This link has been used",
    explanation:
      "It changed the address of your account once, and the account has moved on to another address since. A " +
      "link works only one time. " +
      unchanged,
    nextStep: "To use this address again, ask for a new link from your account.",
    addressLabel: "The link was for",
    actions: ["account"],
  },
  "link-superseded": {
    seal: "seal-faded",
    heading: "This link has been replaced",
    explanation:
      "After this mail, a newer link was sent or something else changed in your account. Only the newest link " +
      "works, so that an old mail cannot overrule what you decided later. " +
      unchanged,
    nextStep: "Open the newest mail, or ask for a new link.",
    addressLabel: "The link was for",
    actions: ["inbox", "ask-again"],
  },
  "link-cancelled": {
    seal: "seal-faded",
    heading: "This change was called off",
    explanation: "Somebody who reads the mail of the old address said that they did not want this change. " + unchanged,
    nextStep: "If it was you who wanted it, sign in and ask for a new link. If not, change your password.",
    addressLabel: "The link was for",
    actions: ["account"],
  },
  "change-undone": {
    seal: "seal-faded",
    heading: "This change was taken back",
    explanation:
      "Your account used this address for a while, and then the change was undone from the mailbox of the old " +
      "address. The link cannot bring it back.",
    nextStep: "Sign in to see which address your account uses now.",
    addressLabel: "The link was for",
    actions: ["account"],
  },
  "email-already-registered": {
    seal: "seal-waiting",
    heading: "Another account has this address",
    explanation:
      "While this link was on its way, another account confirmed the same address, and an address belongs to " +
      "one account only. " +
      unchanged,
    nextStep: "Sign in to the account that has it, or choose another address.",
    addressLabel: "The link was for",
    actions: ["account"],
  },
  "user-not-found": {
    seal: "seal-waiting",
    heading: "This account is closed",
    explanation: "The account that the link belongs to was deleted or switched off, so there is nothing to change.",
    nextStep: "If that surprises you, write to the people who run this site.",
    actions: ["account"],
  },

  "rate-limited": {
    seal: "seal-waiting",
    heading: "Too many tries",
    explanation: ({ retryAfter }) =>
      `The site takes only so many requests at a time. Your link is still good. ${
        retryAfter === undefined ? "Wait a minute, then try again." : `You can try again in ${duration(retryAfter)}.`
      }`,
    nextStep: "Leave this page open. The button works again when the time is over.",
    addressLabel: "The link is for",
    actions: ["retry"],
  },
  network: {
    seal: "seal-waiting",
    heading: "The site cannot be reached",
    explanation:
      "Your browser got no answer, so we cannot say whether the change was made. Trying again does no harm: a " +
      "change is made once at most.",
    nextStep: "Check your connection, leave this page open, and try again.",
    addressLabel: "The link is for",
    actions: ["retry"],
  },
  unavailable: {
    seal: "seal-waiting",
    heading: "The site needs a moment",
    explanation: `It is being worked on or very busy. Your link is still good. ${unchanged}`,
    nextStep: "Leave this page open. The button works again in a moment.",
    addressLabel: "The link is for",
    actions: ["retry"],
  },
  internal: {
    seal: "seal-waiting",
    heading: "Something went wrong on the site",
    explanation: "That is not your fault, and your link is not lost.",
    nextStep: "Try again. If it fails again, write to the people who run this site.",
    addressLabel: "The link is for",
    actions: ["retry"],
  },

  "keys-unavailable": {
    seal: "seal-waiting",
    heading: "The link cannot be checked now",
    explanation:
      "To check the seal on your link, this page needs the site's public key, and the site does not hand it " +
      "out right now. " +
      unchanged,
    nextStep: "Check your connection and try again.",
    actions: ["retry"],
  },
  "module-unavailable": {
    seal: "seal-waiting",
    heading: "Your browser did not load this page fully",
    explanation:
      "The part that checks the seal on your link is missing. A strict security setting, an extension, or a " +
      "very old browser can block it: it needs WebAssembly. " +
      unchanged,
    nextStep: "Try again, or open the link from the mail in another browser.",
    actions: ["retry"],
  },
};

export const verifyWords: PageWords = {
  ready: {
    heading: "Confirm your new address",
    explanation:
      "You opened the link from our mail, so the mailbox is yours. Press the button, and your account uses it.",
    nextStep: "Did not ask for this? Close the page, and nothing changes.",
    addressLabel: "New address",
    press: "Confirm this address",
    announcement: "Press the button to confirm.",
    working: "Confirming your address",
  },
  outcomeFor: (code) => (Object.hasOwn(outcomes, code) ? outcomes[code] : undefined) ?? outcomes.internal,
};

const partNames: Record<string, string> = {
  user_id: "the account",
  email: "the address",
  timestamp: "the time it was sent",
  signature: "the seal",
};

function listed(names: string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
