import { WaxsealError } from "./errors.js";
import { absoluteUrl, fetchOrDefault, jsonObject, request, type Fetch } from "./http.js";

/** A JWK set (RFC 7517 section 5), as the server publishes it at `/.well-known/jwks.json`. */
export interface JsonWebKeySet {
  /** Keys that are no Ed25519 keys (`kty` "OKP", `crv` "Ed25519", `x`: RFC 8037 section 2) are ignored. */
  readonly keys: readonly JsonWebKey[];
}

/** How the core is told of no keys at all, and of a set that has none. */
const noKeys = "";
const emptySet = "-";

const minRefetchIntervalMs = 10_000;
const fetchTimeoutMs = 15_000;

/** 32 bytes in the one canonical spelling of base64url: 43 characters, the unused bits of the last one zero. */
const publicKeyPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The public keys that links are checked against: given, fetched when first needed, or none. */
export class Keys {
  readonly #url: string | undefined;
  readonly #send: Fetch;
  #known: string | undefined;
  #fetching: Promise<true> | undefined;
  #failure: WaxsealError | undefined;
  #fetchedAgainAtMs = Number.NEGATIVE_INFINITY;

  /** @throws WaxsealError `misuse` */
  constructor(given: JsonWebKeySet | undefined, url: string | URL | undefined, send: Fetch | undefined) {
    this.#send = fetchOrDefault(send);
    this.#known = given === undefined ? undefined : publicKeysOf(given);
    if (given !== undefined && this.#known === undefined) {
      throw new WaxsealError("misuse", 'keys is not a JWK set: { "keys": [...] }');
    }
    this.#url = url === undefined ? undefined : absoluteUrl(url)?.href;
    if (url !== undefined && this.#url === undefined) {
      throw new WaxsealError("misuse", `keysUrl is no http or https address: ${String(url)}`);
    }
  }

  /** The keys in the form that the core reads. With a `keysUrl` that was not fetched yet: a set with none. */
  get current(): string {
    return this.#known ?? (this.#url === undefined ? noKeys : emptySet);
  }

  /**
   * Fetches the set because a signature names a key that is not in it: when it was never fetched, and again, past the
   * browser's cache, at most once in ten seconds. Calls at the same time share one fetch.
   * @returns  False: nothing was fetched, because it is too early for that or there is no `keysUrl`.
   * @throws WaxsealError `network`; also when the last fetch failed and it is too early for another one, because then
   *         the question is still open.
   */
  async refresh(): Promise<boolean> {
    if (this.#url === undefined) return false;
    if (this.#fetching === undefined && this.#known !== undefined && !this.#mayFetchAgain()) {
      if (this.#failure !== undefined) throw this.#failure;
      return false;
    }
    this.#fetching ??= this.#fetch(this.#url).finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  #mayFetchAgain(): boolean {
    return Math.abs(Date.now() - this.#fetchedAgainAtMs) >= minRefetchIntervalMs;
  }

  async #fetch(url: string): Promise<true> {
    // The first fetch may come from the browser's cache, where the set stays for minutes and lacks a key made since.
    const cache: RequestCache = this.#known === undefined ? "default" : "no-cache";
    if (cache === "no-cache") this.#fetchedAgainAtMs = Date.now();
    try {
      const limits = { timeoutMs: fetchTimeoutMs };
      const answer = await request(this.#send, url, { cache, headers: { Accept: "application/json" } }, limits);
      const set = answer.status === 200 ? jsonObject(answer.text) : undefined;
      const keys = set === undefined ? undefined : publicKeysOf(set);
      if (keys === undefined) throw new Error(`the answer (${answer.status}) is not a JWK set`);
      this.#known = keys;
      this.#failure = undefined;
      return true;
    } catch (cause) {
      this.#failure = new WaxsealError("network", "the keys of the server could not be fetched", { cause });
      throw this.#failure;
    }
  }
}

/** The Ed25519 keys of a set in the form that the core reads, or nothing if it is no set. */
function publicKeysOf(set: { readonly keys?: unknown } | null): string | undefined {
  if (!Array.isArray(set?.keys)) return undefined;
  const publicKeys = (set.keys as readonly (JsonWebKey | null)[])
    .filter((key) => key?.kty === "OKP" && key.crv === "Ed25519")
    .map((key) => key?.x)
    .filter((x): x is string => typeof x === "string" && publicKeyPattern.test(x));
  return publicKeys.length === 0 ? emptySet : publicKeys.join(",");
}
