/** Why a call of this package failed. A bad link is no failure: it is an ordinary answer of `check`. */
export type WaxsealErrorCode =
  /** An argument breaks the rules that its documentation states. The message says which. */
  | "misuse"
  /** The module could not be fetched, compiled or started. `cause` is what the platform said. */
  | "load-failed"
  /** The keys that a link has to be checked against could not be fetched. Nothing is known of the link: try again. */
  | "network";

/** The one error that this package throws. */
export class WaxsealError extends Error {
  override readonly name = "WaxsealError";

  constructor(
    readonly code: WaxsealErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

export function misuse(message: string): WaxsealError {
  return new WaxsealError("misuse", message);
}
