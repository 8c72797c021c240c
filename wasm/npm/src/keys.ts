import { misuse, WaxsealError } from "./errors.js";
import { absoluteUrl, fetchOrDefault, jsonObject, request, type Fetch } from "./http.js";

/** A JWK set (RFC 7517 section 5), as the server publishes it at `/.well-known/jwks.json`. */
export interface JsonWebKeySet {
  /** Keys that are no Ed25519 keys (`kty` "OKP", `crv` "Ed25519", `x`: RFC 8037 section 2) are ignored. */
  readonly keys: readonly JsonWebKey[];
}

const minRefetchIntervalMs = 10_000;
const fetchTimeoutMs = 15_000;

/** 32 bytes in the one canonical spelling of base64url: 43 characters, the unused bits of the last one zero. */
const publicKeyPattern = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const kidPattern = /^[\da-f]{8}$/;

/** The public keys that links are checked against: given, fetched when first needed, or none. */
export class Keys {
  readonly #url: string | undefined;
  readonly #send: Fetch;
  #known: Uint8Array | undefined;
  #fetching: Promise<true> | undefined;
  #failure: WaxsealError | undefined;
  #fetchedAgainAtMs = -Infinity;

  private constructor(url: string | undefined, send: Fetch) {
    this.#url = url;
    this.#send = send;
  }

  /** @throws WaxsealError `misuse` */
  static async of(
    given: JsonWebKeySet | undefined,
    url: string | URL | undefined,
    send: Fetch | undefined,
  ): Promise<Keys> {
    // An empty address and a set that is null are settings that got lost: without keys nothing would be checked.
    const keys = new Keys(url === undefined ? undefined : absoluteUrl(url, "keysUrl").href, fetchOrDefault(send));
    if (given !== undefined) keys.#known = await publicKeysOf(given);
    if (given !== undefined && !keys.#known) throw misuse('keys is not a JWK set: { "keys": [...] }');
    return keys;
  }

  /** The keys in the form that the core reads. With a `keysUrl` that was not fetched yet: a set with none. */
  get current(): Uint8Array | undefined {
    return this.#known ?? (this.#url ? new Uint8Array() : undefined);
  }

  /**
   * Fetches the set because a signature names a key that is not in it: when it was never fetched, and again, past the
   * browser's cache, at most once in ten seconds. Calls at the same time share one fetch.
   * @returns  False: nothing was fetched, because it is too early for that or there is no `keysUrl`.
   * @throws WaxsealError `network`; also when the last fetch failed and it is too early for another one, because then
   *         the question is still open.
   */
  async refresh(): Promise<boolean> {
    if (!this.#url) return false;
    const isTooEarly = Math.abs(Date.now() - this.#fetchedAgainAtMs) < minRefetchIntervalMs;
    if (!this.#fetching && this.#known && isTooEarly) {
      if (this.#failure) throw this.#failure;
      return false;
    }
    return (this.#fetching ??= this.#fetch(this.#url).finally(() => (this.#fetching = undefined)));
  }

  async #fetch(url: string): Promise<true> {
    // The first fetch may come from the browser's cache, where the set stays for minutes and lacks a key made since.
    const cache = this.#known ? "no-cache" : "default";
    if (this.#known) this.#fetchedAgainAtMs = Date.now();
    const init: RequestInit = { cache, headers: { Accept: "application/json" } };
    try {
      const answer = await request(this.#send, url, init, { timeoutMs: fetchTimeoutMs });
      const keys = answer.status === 200 ? await publicKeysOf(jsonObject(answer.text)) : undefined;
      if (!keys) throw new Error(`the answer (${answer.status}) is not a JWK set`);
      this.#known = keys;
      this.#failure = undefined;
      return true;
    } catch (cause) {
      throw (this.#failure = new WaxsealError("network", "the keys of the server could not be fetched", { cause }));
    }
  }
}

/** The Ed25519 keys of a set in the form that the core reads, or nothing if it is no set. */
async function publicKeysOf(set: { readonly keys?: unknown } | null | undefined): Promise<Uint8Array | undefined> {
  if (!Array.isArray(set?.keys)) return undefined;
  const keys = (set.keys as readonly (NamedKey | null)[]).map(async (jwk) => {
    const { kty, crv, x, kid } = jwk ?? {};
    if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || !publicKeyPattern.test(x)) return [];
    const key = Uint8Array.from(atob(x.replace(/-/g, "+").replace(/_/g, "/")), (byte) => byte.charCodeAt(0));
    const id = await keyIdOf(key, kid);
    return id ? [...id, ...key] : [];
  });
  return Uint8Array.from((await Promise.all(keys)).flat());
}

interface NamedKey extends JsonWebKey {
  readonly kid?: unknown;
}

/**
 * The first 4 bytes of SHA-256 of the key. Where the browser has no SHA-256, on a page without TLS, they are what the
 * set says they are: an id only chooses a key, and a false one confirms nothing.
 */
async function keyIdOf(key: Uint8Array<ArrayBuffer>, kid: unknown): Promise<Iterable<number> | undefined> {
  const sha256 = globalThis.crypto?.subtle?.digest("SHA-256", key);
  if (sha256) return new Uint8Array(await sha256, 0, 4);
  return kidPattern.test(String(kid)) ? String(kid).match(/../g)?.map((byte) => parseInt(byte, 16)) : undefined;
}
