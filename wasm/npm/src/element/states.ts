import type { ErrorCode } from "../error-codes.js";

/**
 * What the element shows:
 *
 * - `loading`: the module, the keys or the language are on their way.
 * - `ready`: the link can be confirmed; the button waits for a press.
 * - `working`: the link is being posted.
 * - `verified`: the new address is in force. `undone`: with purpose "undo-email", or before, the change was taken back.
 * - `already-verified`: an earlier press did it. `used`: the link did its work once, and the address changed again since.
 * - `expired`, `altered`, `incomplete`, `superseded`, `cancelled`: the link does not hold, and why.
 * - `taken`: another account has the address. `refused`: the server says no for another reason.
 * - `offline`: no answer, or the server is busy; the button tries again.
 * - `unsupported`: the module cannot run here, or the element is set up wrongly. The event carries the error.
 */
export type WaxsealState =
  | "loading"
  | "ready"
  | "working"
  | "verified"
  | "already-verified"
  | "expired"
  | "altered"
  | "incomplete"
  | "superseded"
  | "used"
  | "cancelled"
  | "undone"
  | "taken"
  | "refused"
  | "offline"
  | "unsupported";

const statesOfCodes: Partial<Record<ErrorCode | "verified", WaxsealState>> = {
  verified: "verified",
  "already-verified": "already-verified",
  "signature-expired": "expired",
  "link-expired": "expired",
  "signature-invalid": "altered",
  "link-altered": "altered",
  "link-malformed": "incomplete",
  "link-superseded": "superseded",
  "link-used": "used",
  "link-cancelled": "cancelled",
  "change-undone": "undone",
  "email-already-registered": "taken",
  network: "offline",
  unavailable: "offline",
  internal: "offline",
  "rate-limited": "offline",
};

export function stateOf(code: ErrorCode | "verified"): WaxsealState {
  return statesOfCodes[code] ?? "refused";
}
