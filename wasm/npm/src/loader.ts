import { Core } from "./core.js";
import { WaxsealError } from "./errors.js";

/**
 * Where the module comes from: an address (relative ones count from the page), a response, the bytes themselves, or a
 * module that is compiled already, e.g. by a bundler or for a worker.
 */
export type WasmSource = URL | string | Response | PromiseLike<Response> | BufferSource | WebAssembly.Module;

/** Milliseconds until the whole module has to be there: the page behind a link must not wait without end. */
const fetchTimeoutMs = 30_000;

let shared: Promise<Core> | undefined;

/**
 * Fetches, compiles and starts the module. The package's own file is loaded once, however often this is called.
 * @param source  By default the file beside this one, which is part of the package.
 * @throws WaxsealError `load-failed`. The next call tries again.
 */
export function loadCore(source: WasmSource | undefined): Promise<Core> {
  if (source !== undefined) return start(source);
  if (!shared) {
    // Written out in full here: this is the form in which bundlers find the file.
    shared = start(new URL("./waxseal.wasm", import.meta.url));
    shared.catch(() => (shared = undefined));
  }
  return shared;
}

async function start(source: WasmSource): Promise<Core> {
  try {
    return new Core(await instantiate(source));
  } catch (cause) {
    if (cause instanceof WaxsealError) throw cause;
    throw new WaxsealError("load-failed", `waxseal.wasm could not be loaded: ${describe(cause)}`, { cause });
  }
}

async function instantiate(source: WasmSource): Promise<WebAssembly.Instance> {
  if (source instanceof WebAssembly.Module) return WebAssembly.instantiate(source);
  if (isBytes(source)) return (await WebAssembly.instantiate(source)).instance;
  if (typeof source !== "string" && !(source instanceof URL)) return fromResponse(await source);

  const address = new URL(source, globalThis.document?.baseURI ?? globalThis.location?.href);
  const file = readFileOfNode(address);
  if (file !== undefined) return (await WebAssembly.instantiate(file)).instance;
  return fetchAndStart(address);
}

async function fetchAndStart(address: URL): Promise<WebAssembly.Instance> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("the server took too long")), fetchTimeoutMs);
  try {
    return await fromResponse(await fetch(address, { credentials: "same-origin", signal: controller.signal }));
  } finally {
    clearTimeout(timer);
  }
}

function isBytes(source: WasmSource): source is BufferSource {
  return source instanceof ArrayBuffer || ArrayBuffer.isView(source);
}

/** Compiles while the bytes arrive where the server names the type, and after they arrived where it does not. */
async function fromResponse(response: Response): Promise<WebAssembly.Instance> {
  if (!response.ok) throw new Error(`${response.url || "the server"} answered ${response.status}`);
  const type = response.headers.get("content-type")?.toLowerCase();
  if (type === "application/wasm" && typeof WebAssembly.instantiateStreaming === "function") {
    return (await WebAssembly.instantiateStreaming(response)).instance;
  }
  return (await WebAssembly.instantiate(await response.arrayBuffer())).instance;
}

interface NodeProcess {
  getBuiltinModule?(name: "node:fs"): { readFileSync(path: URL): Uint8Array<ArrayBuffer> } | undefined;
}

/**
 * The bytes of a `file:` address under Node, whose `fetch` refuses those; nothing elsewhere. Asked of `process` rather
 * than imported, so that a bundler for browsers meets no module of Node.
 */
function readFileOfNode(address: URL): Uint8Array<ArrayBuffer> | undefined {
  if (address.protocol !== "file:") return undefined;
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.("node:fs")?.readFileSync(address);
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
