import { errorDetails, type ErrorCode } from "./error-codes.js";
import { jsonObject, type Answer } from "./http.js";

/** What became of one `submit`. Its texts are for people: show them as text, never as HTML. */
export interface Outcome {
  /**
   * - "verified": the change is made (with purpose "undo-email": undone).
   * - "already-verified": it was made before and still holds, e.g. by a second click. Nothing is left to do.
   * - "rejected": the server answered and refuses; `code` says why.
   * - "unreachable": no answer of the API came. Posting again is safe, whatever became of the first time.
   */
  readonly status: "verified" | "already-verified" | "rejected" | "unreachable";
  /** "verified", or a key of `errorTexts`: there is what a person should do next. */
  readonly code: "verified" | ErrorCode;
  /** The server's own sentence if it sent one, else ours, in English. Always ours when "unreachable". */
  readonly message: string;
  /** Whether the same link may be posted again with another result. */
  readonly retryable: boolean;
  /** Seconds to wait before that, if the server asks for it. */
  readonly retryAfter: number | undefined;
}

/** Nobody answered: the network, the time limit, an `AbortSignal`, or something that is not the API. */
export function unreachable(code: ErrorCode = "network", retryAfter?: number): Outcome {
  return { status: "unreachable", code, message: errorDetails[code], retryable: true, retryAfter };
}

/** Reads an answer of Waxseal, or of Django REST Registration, which sends no codes. */
export function outcomeOf(answer: Answer): Outcome {
  const body = jsonObject(answer.text);
  const retryAfter = secondsOf(answer.headers.get("retry-after"));
  if (answer.status >= 500) return unreachable(codeOf(answer, body) ?? codesOfStatuses[answer.status] ?? "internal", retryAfter);
  if (answer.status >= 400) return rejected(answer, body, retryAfter);
  // A login page of the network in between answers 200, too, but in HTML.
  if (answer.status < 200 || answer.status >= 300 || body === undefined) return unreachable();
  const status = codeOf(answer, body) === "already-verified" ? "already-verified" : "verified";
  return { status, code: status, message: detailOf(body) ?? "", retryable: false, retryAfter: undefined };
}

function rejected(answer: Answer, body: Record<string, unknown> | undefined, retryAfter: number | undefined): Outcome {
  const code = codeOf(answer, body) ?? codeOfDetail(body) ?? codesOfStatuses[answer.status] ?? "invalid-fields";
  const message = detailOf(body) ?? errorDetails[code];
  const retryable = [408, 425, 429].includes(answer.status);
  return { status: "rejected", code, message, retryable, retryAfter: retryable ? retryAfter : undefined };
}

/** The code that the server itself names. One that this version does not know counts as none. */
function codeOf(answer: Answer, body: Record<string, unknown> | undefined): ErrorCode | undefined {
  return [body?.["code"], answer.headers.get("waxseal-code")].find(isErrorCode);
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(errorDetails, code);
}

function detailOf(body: Record<string, unknown> | undefined): string | undefined {
  const detail = body?.["detail"];
  return typeof detail === "string" && detail !== "" ? detail : undefined;
}

/** The code that belongs to a sentence of Django REST Registration, wherever in the answer it stands. */
function codeOfDetail(body: Record<string, unknown> | undefined): ErrorCode | undefined {
  for (const sentence of Object.values(body ?? {}).flat()) {
    if (typeof sentence !== "string") continue;
    if (sentence.startsWith("JSON parse error")) return "parse-error";
    const known = Object.entries(errorDetails).find(([, detail]) => detail === sentence);
    if (known !== undefined) return known[0] as ErrorCode;
  }
  return undefined;
}

/** By status, for answers that say no more, and for texts that a site has translated. */
const codesOfStatuses: Readonly<Record<number, ErrorCode>> = {
  401: "not-authenticated",
  403: "not-authenticated",
  404: "not-found",
  405: "method-not-allowed",
  408: "unavailable",
  413: "payload-too-large",
  415: "unsupported-media-type",
  425: "unavailable",
  429: "rate-limited",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** RFC 9110 section 10.2.3: seconds, or a date. */
function secondsOf(retryAfter: string | null): number | undefined {
  const text = retryAfter ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const seconds = Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
