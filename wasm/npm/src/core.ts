import { misuse, WaxsealError } from "./errors.js";

/** What the module exports. Pointers and sizes are unsigned 32-bit numbers of bytes. See wasm/src/abi.hpp. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  waxseal_abi_version(): number;
  waxseal_allocate(size: number): number;
  waxseal_check(
    url: number,
    urlSize: number,
    template: number,
    templateSize: number,
    keys: number,
    keyCount: number,
    purpose: number,
    nowUnixS: number,
    periodS: number,
  ): number;
}

/** One question to the core. */
export interface CoreQuestion {
  readonly url: string;
  /** "" for none. */
  readonly template: string;
  /** Public keys, each its id of 4 bytes and its 32 bytes; nothing if none are configured. */
  readonly keys: Uint8Array | undefined;
  /** 0: register-email, 1: undo-email. */
  readonly purpose: number;
  /** Whole seconds, within 2^53. */
  readonly nowUnixS: number;
  readonly periodS: number;
}

/** What the core says of a link. Of a malformed one, only `missing` means something. */
export interface CoreAnswer {
  /** 0: ready, 1: expired, 2: altered, 3: malformed. */
  readonly status: number;
  readonly authentic: boolean;
  readonly namesUnknownKey: boolean;
  /** Bit n: the n-th value is absent or empty. */
  readonly missing: number;
  readonly expiresAtUnixS: number;
  /** user_id, email, timestamp, signature. */
  readonly values: readonly string[];
}

const abiVersion = 2;
const keyBytes = 36;
const noKeys = 0xffff_ffff;
const statusOfMisuse = 4;

/**
 * What surely fits into the module's fixed memory, with all that the core makes of it. Far above any honest request.
 */
const maxRequestBytes = 131_072;

const encoder = new TextEncoder();
// A byte order mark at the start of a value is part of the value.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One started module. Calls are synchronous and leave nothing behind in it. */
export class Core {
  readonly #exports: Exports;

  /** @throws WaxsealError `load-failed` when the module is another one than this package was built with. */
  constructor(instance: WebAssembly.Instance) {
    this.#exports = instance.exports as unknown as Exports;
    if (this.#exports.waxseal_abi_version?.() !== abiVersion) {
      throw new WaxsealError("load-failed", "the module is not the waxseal.wasm of this version of the package");
    }
  }

  /** @throws WaxsealError `misuse` when the template is none, or when all is over 128 KiB together. */
  check({ url, template, keys, purpose, nowUnixS, periodS }: CoreQuestion): CoreAnswer {
    const parts: Uint8Array[] = [url, template].map((text) => encoder.encode(text));
    if (keys) parts.push(keys);
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    if (size > maxRequestBytes) throw misuse("the arguments are too long: over 128 KiB");
    let at = this.#exports.waxseal_allocate(size);
    const memory = new Uint8Array(this.#exports.memory.buffer);
    const places = parts.flatMap((part) => {
      memory.set(part, at);
      at += part.length;
      return [at - part.length, part.length];
    });
    const [urlAt = 0, urlSize = 0, templateAt = 0, templateSize = 0, keysAt = 0, keysSize] = places;
    const keyCount = keysSize === undefined ? noKeys : keysSize / keyBytes;
    const { waxseal_check: ask } = this.#exports;
    const answer = ask(urlAt, urlSize, templateAt, templateSize, keysAt, keyCount, purpose, nowUnixS, periodS);
    return read(this.#exports.memory.buffer, answer);
  }
}

function read(memory: ArrayBufferLike, answer: number): CoreAnswer {
  const [expiresAtUnixS = 0] = new Float64Array(memory, answer, 1);
  const [status = 0, authentic, unknownKey, missing = 0, ...texts] = new Uint32Array(memory, answer + 8, 12);
  const values = [0, 2, 4, 6].map((i) => decoder.decode(new Uint8Array(memory, texts[i], texts[i + 1])));
  if (status === statusOfMisuse) throw misuse(`template: ${values[0]}`);
  return { status, authentic: !!authentic, namesUnknownKey: !!unknownKey, missing, expiresAtUnixS, values };
}
