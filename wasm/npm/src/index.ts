/**
 * Waxseal in the page: reads a verification link, says what can be said of it without asking anybody, and posts it once
 * when the person agrees. Importing this does nothing; `load` does.
 *
 * @example
 * ```ts
 * const waxseal = await load({ keysUrl: "https://backend-host/.well-known/jwks.json" });
 * const check = await waxseal.check(location.href);
 * if (check.status === "ready") {
 *   const outcome = await waxseal.submit(check.link, { endpoint: "https://backend-host/api/v1/accounts/" });
 * }
 * ```
 */

import type { Fetch } from "./http.js";
import { Keys, type JsonWebKeySet } from "./keys.js";
import { loadCore, type WasmSource } from "./loader.js";
import { Waxseal } from "./waxseal.js";

export type { CheckOptions, LinkCheck, LinkField, LinkValues, Purpose, VerificationLink } from "./check.js";
export type { ErrorCode } from "./error-codes.js";
export { WaxsealError, type WaxsealErrorCode } from "./errors.js";
export type { Fetch } from "./http.js";
export type { JsonWebKeySet } from "./keys.js";
export type { WasmSource } from "./loader.js";
export type { Outcome } from "./outcome.js";
export type { SubmitOptions } from "./submit.js";
export type { Waxseal } from "./waxseal.js";

/** What `load` may be told. Without keys nothing is said of who signed a link. */
export interface LoadOptions {
  /** Where `waxseal.wasm` comes from. Default: the file of this package, beside its JavaScript. */
  readonly wasm?: WasmSource | undefined;
  /** The server's public keys, if the page has them. */
  readonly keys?: JsonWebKeySet | undefined;
  /**
   * Where the server's public keys are, usually `https://backend-host/.well-known/jwks.json`. Fetched when a link first
   * needs a key that is not there, and again, at most once in ten seconds, when one names a key unknown till then.
   */
  readonly keysUrl?: string | URL | undefined;
  /** In the place of the platform's `fetch`, for the keys. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Loads the module. Under a Content-Security-Policy that needs `script-src 'wasm-unsafe-eval'`.
 *
 * @throws WaxsealError `load-failed`  the module could not be fetched, compiled or started
 * @throws WaxsealError `misuse`       `keys` is no JWK set, or `keysUrl` no address
 */
export async function load(options: LoadOptions = {}): Promise<Waxseal> {
  const keys = await Keys.of(options.keys, options.keysUrl, options.fetch);
  return new Waxseal(await loadCore(options.wasm), keys);
}
