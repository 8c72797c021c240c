import { indexOfPurpose, type LinkValues, type Purpose } from "./check.js";
import { misuse } from "./errors.js";
import { absoluteUrl, fetchOrDefault, request, type Fetch } from "./http.js";
import { outcomeOf, unreachable, type Outcome } from "./outcome.js";

/** Where and how a link is posted. */
export interface SubmitOptions {
  /**
   * The base address of the API, e.g. `https://backend-host/api/v1/accounts/`, with or without the final slash.
   * Relative ones count from the page. `verify-email/` or `undo-email/` is added.
   */
  readonly endpoint: string | URL;
  /** Default: "register-email". */
  readonly purpose?: Purpose | undefined;
  /** Ends the waiting: the outcome is then "unreachable". The server may have done its work all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the whole answer has to be there, more than 0, at most 2147483647. Default: 15000. */
  readonly timeoutMs?: number | undefined;
  /** In the place of the platform's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

const defaultTimeoutMs = 15_000;
const maxTimeoutMs = 2_147_483_647; // what setTimeout can count

/** In the order of `indexOfPurpose`. */
const routes = ["verify-email/", "undo-email/"];

/** Posts links, each one once at a time. */
export class Submitter {
  readonly #inFlight = new Map<string, Promise<Outcome>>();

  /** See `Waxseal.submit`. */
  async submit(link: LinkValues, options: SubmitOptions): Promise<Outcome> {
    const url = routeOf(options);
    const body = payloadOf(link);
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    if (!(timeoutMs > 0 && timeoutMs <= maxTimeoutMs)) {
      throw misuse(`timeoutMs is more than 0 and at most ${maxTimeoutMs}`);
    }
    const job = `${url} ${body}`;
    let outcome = this.#inFlight.get(job);
    if (!outcome) {
      outcome = post(url, body, timeoutMs, options).finally(() => this.#inFlight.delete(job));
      this.#inFlight.set(job, outcome);
    }
    return outcome;
  }
}

async function post(url: string, body: string, timeoutMs: number, options: SubmitOptions): Promise<Outcome> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const limits = { timeoutMs, signal: options.signal };
  try {
    return outcomeOf(await request(fetchOrDefault(options.fetch), url, { method: "POST", headers, body }, limits));
  } catch {
    return unreachable();
  }
}

function routeOf({ endpoint, purpose }: SubmitOptions): string {
  const url = absoluteUrl(endpoint, "endpoint");
  url.search = "";
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url.href + routes[indexOfPurpose(purpose)];
}

function payloadOf(link: LinkValues): string {
  const { userId: user_id, email, timestamp, signature } = link ?? {};
  const values = { user_id, email, timestamp, signature };
  if (Object.values(values).some((value) => typeof value !== "string")) {
    throw misuse("the link is not one that check has read");
  }
  return JSON.stringify(values);
}
