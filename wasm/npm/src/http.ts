import { misuse } from "./errors.js";

/** One request with a limit of time and a limit of size. Everything that goes wrong is an exception here. */

/** The part of `fetch` that is used. Any function of this kind may be given in its place. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Limits {
  /** Milliseconds until the whole answer has to be there. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** No answer of the API comes near this; a longer one is somebody else's. */
const maxAnswerBytes = 65_536;

/** Sends what a page with nothing to give away sends: no cookies, no referrer, no redirects followed. */
export function request(send: Fetch, url: string, init: RequestInit, { timeoutMs, signal }: Limits): Promise<Answer> {
  const controller = new AbortController();
  const stop = (reason?: unknown): void => controller.abort(reason);
  const stopByCaller = (): void => stop(signal?.reason);
  const timer = setTimeout(stop, timeoutMs, new Error("the server took too long"));
  signal?.addEventListener("abort", stopByCaller);
  return new Promise<Answer>((resolve, reject) => {
    // Not left to `fetch`, for one that was handed in may not know of signals.
    controller.signal.onabort = (): void => reject(controller.signal.reason);
    if (signal?.aborted) stopByCaller();
    else exchange(send, url, init, controller.signal).then(resolve, reject);
  }).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stopByCaller);
  });
}

async function exchange(send: Fetch, url: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
  const response = await send(url, {
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "error",
    cache: "no-store",
    ...init,
    signal,
  });
  return { status: response.status, headers: response.headers, text: await readText(response) };
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > maxAnswerBytes) {
      await reader.cancel();
      throw new Error("the answer is too long");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** The platform's `fetch`, as a plain function: as a method of anything but the global object it refuses to work. */
export function fetchOrDefault(given: Fetch | undefined): Fetch {
  return given ?? ((input, init) => globalThis.fetch(input, init));
}

/** The address as an absolute one. Relative ones count from the page; an empty one is none. @throws WaxsealError `misuse`, about `name` */
export function absoluteUrl(address: string | URL, name: string): URL {
  try {
    const url = new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href);
    if (address && /^https?:$/.test(url.protocol)) return url;
  } catch {
    // told below
  }
  throw misuse(`${name} is no http or https address: ${String(address)}`);
}

/** The object that a JSON text spells, or nothing if it spells none. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
