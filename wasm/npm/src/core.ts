import { WaxsealError } from "./errors.js";
import { decodeFrame, encodeFrame } from "./frame.js";

/** What the module exports. Pointers and sizes are unsigned 32-bit numbers of bytes. See wasm/src/abi.cpp. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  waxseal_abi_version(): number;
  waxseal_allocate(size: number): number;
  waxseal_release(pointer: number): void;
  waxseal_check(request: number, size: number): number;
  waxseal_parse_email(request: number, size: number): number;
}

export type CoreFunction = "waxseal_check" | "waxseal_parse_email";

const abiVersion = 1;

/**
 * What surely fits into the module's fixed memory, with all that the core makes of it. Far above any honest request.
 */
const maxRequestBytes = 131_072;
const sizeBytes = 4;

/** One started module. Calls are synchronous and leave nothing behind in it. */
export class Core {
  readonly #exports: Exports;

  /** @throws WaxsealError `load-failed` when the module is another one than this package was built with. */
  constructor(instance: WebAssembly.Instance) {
    this.#exports = instance.exports as unknown as Exports;
    const version: unknown = instance.exports["waxseal_abi_version"];
    if (typeof version !== "function" || version() !== abiVersion) {
      throw new WaxsealError("load-failed", "the module is not the waxseal.wasm of this version of the package");
    }
    this.#exports._initialize();
  }

  /**
   * Asks the core. @returns the fields after "ok", or only the first field when that is another word.
   * @throws WaxsealError `misuse` when the core refuses an argument, or when they are over 128 KiB together.
   */
  call(name: CoreFunction, fields: readonly string[]): string[] {
    const request = encodeFrame(fields);
    if (request.length > maxRequestBytes) throw new WaxsealError("misuse", "the arguments are too long: over 128 KiB");
    const pointer = this.#exports.waxseal_allocate(request.length);
    let answer = 0;
    try {
      if (pointer === 0) throw outOfMemory();
      this.#bytes().set(request, pointer);
      answer = this.#exports[name](pointer, request.length);
      if (answer === 0) throw outOfMemory();
      return this.#read(answer);
    } finally {
      this.#exports.waxseal_release(pointer);
      this.#exports.waxseal_release(answer);
    }
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer);
  }

  #read(answer: number): string[] {
    const start = answer + sizeBytes;
    const size = new DataView(this.#exports.memory.buffer).getUint32(answer, true);
    const [outcome, ...values] = decodeFrame(this.#bytes().subarray(start, start + size));
    if (outcome === "error") throw new WaxsealError("misuse", values[0] ?? "");
    return outcome === "ok" ? values : [outcome ?? ""];
  }
}

/** Its memory is fixed and holds many requests at once, so this means that the module is broken. */
function outOfMemory(): WaxsealError {
  return new WaxsealError("load-failed", "waxseal.wasm has no memory left: load it again");
}
