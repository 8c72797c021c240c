/**
 * What the page that takes a change back says: its own words for what a link in a notice can turn out to be, and those of
 * the other page for the rest, which is about the network, the browser or the site.
 */

import { inWords } from "./format";
import { verifyWords, type Outcome, type PageWords } from "./outcomes";

// "Nothing was changed" would be read as "your address is safe".
const unchanged = "This page changed nothing.";
const passwordNow = "Change your password now: whoever asked for the other address was signed in to your account.";
const askTheSite =
  "If the change was not yours, change your password, look at the address of your account, and write to the people who " +
  "run this site.";

const outcomes: Record<string, Outcome> = {
  verified: {
    seal: "seal-verified",
    heading: "The change is undone",
    explanation:
      "Your account keeps this address, or has it back. Whatever was changed or asked for after it is void, and none of " +
      "those links works any more.",
    nextStep: passwordNow,
    addressLabel: "Your account uses",
    actions: ["account"],
  },
  "change-undone": {
    seal: "seal-verified",
    heading: "This change was undone before",
    explanation: "A link undoes its change only once. This one is undone already, by itself or with one that came before it.",
    nextStep: "Sign in to see which address your account uses. Was the change not yours? Then change your password, too.",
    actions: ["account"],
  },
  "link-cancelled": {
    seal: "seal-verified",
    heading: "This change was called off before",
    explanation: "It never came into force, and its link does not work any more.",
    nextStep: "Sign in to see which address your account uses. Was the change not yours? Then change your password, too.",
    actions: ["account"],
  },

  "link-expired": {
    seal: "seal-faded",
    heading: "This link has expired",
    explanation: ({ issuedAt, expiresAt }) =>
      `A change can be undone only for a limited time. ${
        issuedAt && expiresAt ? `This link was sent on ${inWords(issuedAt)} and ran out on ${inWords(expiresAt)}. ` : ""
      }${unchanged}`,
    nextStep: askTheSite,
    addressLabel: "The link was sent to",
    actions: ["account"],
  },
  "signature-expired": {
    seal: "seal-faded",
    heading: "This link has just run out",
    explanation:
      "The site's clock says that the time of this link is over. That happens when the page stays open for long, or when " +
      `the clock of your device is slow. ${unchanged}`,
    nextStep: askTheSite,
    addressLabel: "The link was sent to",
    actions: ["account"],
  },
  "link-altered": {
    seal: "seal-broken",
    heading: "This is not the link that was sent",
    explanation:
      "Each link is sealed, and only this site can make the seal. The seal on this one does not fit: a mail program damaged " +
      "the link, or somebody changed it to mislead you. So we do not show what it says. " +
      unchanged,
    nextStep: "Open the link again, straight from our notice.",
    actions: ["inbox", "account"],
  },
  "signature-invalid": {
    seal: "seal-broken",
    heading: "The site does not recognise this link",
    explanation: `The link looks whole, but the site did not make it or no longer accepts its seal. ${unchanged}`,
    nextStep: `Open the link again, straight from our notice. ${askTheSite}`,
    actions: ["inbox", "account"],
  },
  "link-malformed": { ...verifyWords.outcomeFor("link-malformed"), actions: ["inbox", "account"] },
  "no-link": {
    seal: "seal-letter",
    heading: "Open this page from your mail",
    explanation:
      "This page takes back a change of your address, and it needs the link in our notice. If you loaded the page anew, " +
      "the link is gone from it: we take it out of the address bar so that nobody else finds it there.",
    nextStep: "Go back to the notice and press its button again.",
    actions: ["inbox", "account"],
  },

  "link-superseded": {
    seal: "seal-faded",
    heading: "The site knows nothing of this change",
    explanation: `Its record is gone, so there is nothing that this link could take back. ${unchanged}`,
    nextStep: askTheSite,
    addressLabel: "The link was sent to",
    actions: ["account"],
  },
  "email-already-registered": {
    seal: "seal-waiting",
    heading: "Another account has this address by now",
    explanation: `An address belongs to one account only, so yours cannot get it back by itself. ${unchanged}`,
    nextStep: "Change your password if you can, and write to the people who run this site at once.",
    addressLabel: "The link was sent to",
    actions: ["account"],
  },
};

export const undoWords: PageWords = {
  ready: {
    heading: "Was this change not yours?",
    explanation:
      "Somebody who was signed in to your account asked for another email address. If that was not you, press the button: " +
      "your account keeps this address, or gets it back, whatever was changed since.",
    nextStep: "Was it you? Close the page, and nothing changes.",
    addressLabel: "Your address",
    press: "This was not me: undo it",
    announcement: "Press the button to undo the change of your address.",
    working: "Undoing the change",
  },
  outcomeFor: (code) => (Object.hasOwn(outcomes, code) ? outcomes[code] : undefined) ?? verifyWords.outcomeFor(code),
};
