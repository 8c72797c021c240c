import { checkLink, type CheckOptions, type LinkCheck, type LinkValues } from "./check.js";
import type { Core } from "./core.js";
import type { Keys } from "./keys.js";
import type { Outcome } from "./outcome.js";
import { Submitter, type SubmitOptions } from "./submit.js";

/** What `load` gives. Holds no link; may be kept as long as the page lives. */
export class Waxseal {
  readonly #core: Core;
  readonly #keys: Keys;
  readonly #submitter = new Submitter();

  /** @internal */
  constructor(core: Core, keys: Keys) {
    this.#core = core;
    this.#keys = keys;
  }

  /**
   * Says what a link is, without asking the server about it. Waits only when keys have to be fetched. Changes nothing
   * and posts nothing. A bad link is an answer, not an error.
   *
   * @param url  Usually `location.href`. Any text; one that is no link is "malformed".
   * @throws WaxsealError `misuse`   a wrong `period`, `now`, `purpose` or `template`
   * @throws WaxsealError `network`  the link names a key that is not known here, and `keysUrl` could not be fetched:
   *                                 whether the link is genuine is open. Show nothing of it, and offer to try again.
   */
  check(url: string | URL, options?: CheckOptions): Promise<LinkCheck> {
    return checkLink(this.#core, this.#keys, url, options);
  }

  /**
   * Posts a link, once. A second call for the same link and endpoint while the first one waits gets the outcome of the
   * first; its own `signal` and `timeoutMs` are then not used. Sends no cookies and no referrer, follows no redirect.
   *
   * Call it when the person presses, never on load: mail scanners run scripts.
   *
   * @param link  `check.link`.
   * @throws WaxsealError `misuse`  `endpoint`, `purpose`, `timeoutMs` or the link is not what it has to be. Never for
   *                                anything that happens on the network: that is the outcome "unreachable".
   */
  submit(link: LinkValues, options: SubmitOptions): Promise<Outcome> {
    return this.#submitter.submit(link, options);
  }
}
