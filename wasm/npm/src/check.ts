import type { Core, CoreAnswer } from "./core.js";
import { misuse } from "./errors.js";
import type { Keys } from "./keys.js";

/** What a link may be used for. It is signed: a link of one purpose never passes for the other. */
export type Purpose = "register-email" | "undo-email";

/** The names of the four values, as they stand in a link. */
export type LinkField = "user_id" | "email" | "timestamp" | "signature";

/** The four values of a link, exactly as they stood in it. What `submit` posts. */
export interface LinkValues {
  readonly userId: string;
  /** The address to confirm. Anybody can write a link: see `LinkCheck` for when it may be shown. */
  readonly email: string;
  /** When the link was signed: Unix seconds, UTC, decimal. */
  readonly timestamp: string;
  /** Opaque. At most 128 characters in a link that the server accepts. */
  readonly signature: string;
}

/** A link that could be read. */
export interface VerificationLink extends LinkValues {
  /** `timestamp` as a date. A time beyond the calendar of `Date` (the year 275,760) stops at its end. */
  readonly issuedAt: Date;
  /** The last instant at which the link holds: `issuedAt` plus `period`. Stops at the same end. */
  readonly expiresAt: Date;
}

/** How a link is to be judged. */
export interface CheckOptions {
  /**
   * Seconds for which a link holds, the server's `verification_period`. A whole number, 0 or more. Default: 604800, a
   * week.
   */
  readonly period?: number | undefined;
  /**
   * The time to judge by: a date, or Unix seconds (a fraction is cut off). Default: this machine's clock, which may be
   * wrong. So by default a link that is over for less than a day is still "ready", and the server decides.
   */
  readonly now?: Date | number | undefined;
  /** Default: "register-email". */
  readonly purpose?: Purpose | undefined;
  /**
   * The server's `url_template`, e.g. `https://app.example/#/verify/{user_id}/{email}/{timestamp}/{signature}`, if it
   * has one. Default: the four values stand as parameters in the query or the fragment.
   */
  readonly template?: string | undefined;
}

/**
 * What can be said of a link without asking the server. Discriminated by `status`, in the order in which a link is
 * judged: its form, its signature, its age.
 *
 * `authentic` is true when a key of the server confirms the signature, false when none can, and undefined when no keys
 * were given and the signature might be one. **Show `link.email` only when `authentic` is true or no keys are
 * configured**: otherwise a crafted link would put a stranger's words on your page.
 */
export type LinkCheck =
  | {
      /** Nothing speaks against posting it. The server has the last word. */
      readonly status: "ready";
      readonly link: VerificationLink;
      readonly authentic: true | undefined;
    }
  | {
      /** Older than `period`. */
      readonly status: "expired";
      readonly code: "link-expired";
      readonly link: VerificationLink;
      readonly authentic: true | undefined;
    }
  | {
      /** Not what the server sent: mangled on the way, for another purpose, or forged. */
      readonly status: "altered";
      readonly code: "link-altered";
      readonly link: VerificationLink;
      readonly authentic: false;
    }
  | {
      /** Not a link: values missing, empty, there twice, not UTF-8, or more than 4096 bytes. */
      readonly status: "malformed";
      readonly code: "link-malformed";
      /** The values that are absent or empty. May be none, when something else is wrong. */
      readonly missing: readonly LinkField[];
    };

/** The purposes in the core's order. */
const purposes: readonly Purpose[] = ["register-email", "undo-email"];

/** @throws WaxsealError `misuse` */
export function indexOfPurpose(purpose: Purpose = "register-email"): number {
  const index = purposes.indexOf(purpose);
  if (index < 0) throw misuse(`purpose is "${purposes.join('" or "')}"`);
  return index;
}

const fields: readonly LinkField[] = ["user_id", "email", "timestamp", "signature"];

const defaultPeriodS = 604_800;

/** How far the clock of this machine is trusted: less than by a day, the server decides. */
const clockToleranceS = 86_400;

/** The core refuses more than 4096 bytes; what is longer need not be carried there whole to be refused. */
const maxUrlCharacters = 5_000;

/** See `Waxseal.check`. */
export async function checkLink(
  core: Core,
  keys: Keys,
  url: string | URL,
  { now, period, purpose, template = "" }: CheckOptions = {},
): Promise<LinkCheck> {
  const question = {
    url: String(url).slice(0, maxUrlCharacters),
    template,
    purpose: indexOfPurpose(purpose),
    nowUnixS: now === undefined ? unixSeconds(Date.now() / 1000) - clockToleranceS : unixSeconds(now),
    periodS: wholeSeconds(period ?? defaultPeriodS),
  };
  const ask = (): CoreAnswer => core.check({ ...question, keys: keys.current });
  let answer = ask();
  // Twice, for the first set may come from the browser's cache. Not for ever, where each fetch takes its ten seconds.
  for (let left = 2; left > 0 && answer.namesUnknownKey && (await keys.refresh()); --left) answer = ask();
  return checkOf(answer);
}

function checkOf(answer: CoreAnswer): LinkCheck {
  const [userId = "", email = "", timestamp = "", signature = ""] = answer.values;
  const authentic = answer.authentic || undefined;
  const link = {
    userId,
    email,
    timestamp,
    signature,
    issuedAt: dateOf(Number(timestamp)),
    expiresAt: dateOf(answer.expiresAtUnixS),
  };
  switch (answer.status) {
    case 0:
      return { status: "ready", link, authentic };
    case 1:
      return { status: "expired", code: "link-expired", link, authentic };
    case 2:
      return { status: "altered", code: "link-altered", link, authentic: false };
    default:
      return {
        status: "malformed",
        code: "link-malformed",
        missing: fields.filter((_, i) => (answer.missing >> i) & 1),
      };
  }
}

/** What the core reads as a timestamp, too: beyond it a number is not exact. Seconds. */
const maxUnixS = 2 ** 53;

function unixSeconds(time: Date | number): number {
  const seconds = Math.floor(Number(time) / (typeof time === "number" ? 1 : 1000));
  if (!(Math.abs(seconds) <= maxUnixS)) throw misuse("now is neither a valid date nor Unix seconds");
  return seconds;
}

function wholeSeconds(period: number): number {
  if (!Number.isSafeInteger(period) || period < 0) throw misuse("period is a whole number of seconds, 0 or more");
  return period;
}

/** The last instant that a `Date` can hold, ECMA-262 section 21.4.1.1. Milliseconds. */
const maxDateMs = 8.64e15;

function dateOf(unixS: number): Date {
  return new Date(Math.max(-maxDateMs, Math.min(maxDateMs, unixS * 1000)));
}
