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
export async function request(send: Fetch, url: string, init: RequestInit, limits: Limits): Promise<Answer> {
  const controller = new AbortController();
  const stopped = rejectionOf(controller.signal);
  const stop = (): void => controller.abort(limits.signal?.reason);
  if (limits.signal?.aborted) stop();
  limits.signal?.addEventListener("abort", stop);
  const timer = setTimeout(() => controller.abort(new Error("the server took too long")), limits.timeoutMs);
  try {
    // Raced, because a `fetch` that was handed in may not know of signals.
    return await Promise.race([stopped, exchange(send, url, init, controller.signal)]);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", stop);
  }
}

async function exchange(send: Fetch, url: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
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
  if (response.body === null) return "";
  const reader = response.body.getReader();
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

function rejectionOf(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  rejection.catch(() => undefined); // whoever races it hears of it; nobody else has to
  return rejection;
}

/** The platform's `fetch`, as a plain function: as a method of anything but the global object it refuses to work. */
export function fetchOrDefault(given: Fetch | undefined): Fetch {
  return given ?? ((input, init) => globalThis.fetch(input, init));
}

/** The address as an absolute one of http or https, or nothing. Relative ones count from the page. */
export function absoluteUrl(address: string | URL): URL | undefined {
  try {
    const url = new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href);
    return url.protocol === "https:" || url.protocol === "http:" ? url : undefined;
  } catch {
    return undefined;
  }
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
