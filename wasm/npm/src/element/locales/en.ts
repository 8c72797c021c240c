import type { Texts } from "../texts.js";

const texts: Texts = {
  loading: [
    "One moment",
    "The link is being checked.",
  ],
  ready: [
    "Confirm your email address",
    "Press the button to use this address for your account. Nothing changes before you do.",
    "Confirm address",
  ],
  "ready-to-undo": [
    "Undo the change of address?",
    "Press the button to put this address back on your account. Nothing changes before you do.",
    "Undo the change",
  ],
  working: [
    "One moment",
    "Your answer is on its way.",
  ],
  verified: [
    "Address confirmed",
    "Your account uses this address now. You can close this page.",
  ],
  "already-verified": [
    "Already confirmed",
    "This address was confirmed before. There is nothing left to do, and you can close this page.",
  ],
  undone: [
    "Change undone",
    "The change of address was taken back. If it was not you who asked for it, change your password now.",
  ],
  expired: [
    "This link is too old",
    "Links hold only for a while. Sign in and ask for a new one.",
  ],
  altered: [
    "This link is not as it was sent",
    "Open it again from the mail, or copy it whole. If that does not help, ask for a new one.",
  ],
  incomplete: [
    "Part of the link is missing",
    "Open it again from the mail, or copy all of it into the address bar.",
  ],
  superseded: [
    "There is a newer link",
    "Open the newest mail, or sign in and ask for a new link.",
  ],
  used: [
    "This link was used already",
    "It did its work once. To change the address again, sign in and ask for a new link.",
  ],
  cancelled: [
    "This change was cancelled",
    "The owner of the account called it off. If that was not you, sign in and ask for a new link.",
  ],
  taken: [
    "This address is taken",
    "Another account uses it. Sign in to that account, or use another address.",
  ],
  refused: [
    "This did not work",
    "The site does not accept this link. Ask for a new one, or contact the site.",
  ],
  offline: [
    "No answer from the site",
    "Check your connection and try again. Trying twice does no harm.",
    "Try again",
  ],
  unsupported: [
    "This page cannot check the link",
    "Open the link in another browser, or contact the site.",
  ],
  wait: "Please wait {seconds} seconds first.",
};

export default texts;
