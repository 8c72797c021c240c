import { load, WaxsealError, type LinkCheck, type Outcome, type Purpose, type VerificationLink, type Waxseal } from "../index.js";
import { takeLink } from "./link_in_page.js";
import { stateOf, type WaxsealState } from "./states.js";
import { View } from "./view.js";

/** What the events of the element carry, as `detail`. */
export interface WaxsealStateDetail {
  readonly state: WaxsealState;
  /** What `check` or `submit` said, if it was one of them. */
  readonly check: LinkCheck | undefined;
  readonly outcome: Outcome | undefined;
  /** Why the module cannot run here, what is wrong with an attribute, or why the keys could not be fetched. */
  readonly error: unknown;
}

// On a server there is no HTMLElement; importing must do no harm there.
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** Where the address belongs beside the words. It never stands beside those of a link that is not the site's. */
const withAddress: readonly WaxsealState[] = ["ready", "working", "verified", "already-verified", "undone", "offline"];

/** One for each address of keys, so that all elements of a page share what they have loaded. */
const loaded = new Map<string, Promise<Waxseal>>();

function loadOnce(keysUrl: string | undefined): Promise<Waxseal> {
  const name = keysUrl ?? "";
  let waxseal = loaded.get(name);
  if (!waxseal) {
    waxseal = load({ keysUrl });
    loaded.set(name, waxseal);
    waxseal.catch(() => loaded.delete(name));
  }
  return waxseal;
}

/**
 * `<waxseal-verify-email>`: reads the link of the page, takes it out of the address bar, shows the address, waits for a
 * press, posts the link once and shows what became of it. It never posts by itself: mail scanners run scripts.
 *
 * Attributes: `endpoint` (the API's base address; needed), `period` (seconds), `keys-url`, `purpose`, `lang`, `template`
 * (as `CheckOptions.template`), `link` (in the place of the page's address). Changing one judges the link anew, unless
 * it was posted already.
 *
 * Events, all bubbling, with a `WaxsealStateDetail`: `waxseal-state` at every change of state, and one named after the
 * state, e.g. `waxseal-verified`.
 *
 * Content in a slot that is named after a state, e.g. `<a slot="verified">`, is shown in that state alone. Other content
 * is what is seen where the element is not defined.
 */
export class WaxsealVerifyEmail extends Base {
  static readonly observedAttributes = ["endpoint", "period", "keys-url", "purpose", "lang", "template", "link"];

  #view: View | undefined;
  #state: WaxsealState = "loading";
  #waxseal: Waxseal | undefined;
  #opened = "";
  #link: VerificationLink | undefined;
  /** Which start is the latest: one that was overtaken says nothing any more. */
  #run = 0;

  /** What is shown now. */
  get state(): WaxsealState {
    return this.#state;
  }

  connectedCallback(): void {
    if (this.#view) return; // moved within the page: it goes on where it was
    this.#view = new View(this, () => this.#press());
    this.#opened = takeLink(this.getAttribute("template") ?? "");
    this.#start();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#view || before === now) return;
    if (name === "lang") void this.#view.speak();
    else if (!this.#isPosted) this.#start();
  }

  get #isPosted(): boolean {
    return this.#state === "working" || this.#outcome !== undefined;
  }
  #outcome: Outcome | undefined;

  /** Judges the link. Attributes that change together make one start. */
  #start(): void {
    const run = ++this.#run;
    this.#link = undefined;
    this.#show("loading");
    queueMicrotask(() => {
      if (run !== this.#run) return;
      this.#judge().then(
        (check) => run === this.#run && this.#showCheck(check),
        (error: unknown) => run === this.#run && this.#showError(error),
      );
    });
  }

  async #judge(): Promise<LinkCheck> {
    const period = this.getAttribute("period");
    if (!this.getAttribute("endpoint")) throw new WaxsealError("misuse", "waxseal-verify-email: endpoint is missing");
    const [waxseal] = await Promise.all([loadOnce(this.getAttribute("keys-url") ?? undefined), this.#view?.speak()]);
    this.#waxseal = waxseal;
    return waxseal.check(this.getAttribute("link") ?? this.#opened, {
      period: period === null ? undefined : Number(period || NaN),
      purpose: this.#purpose,
      template: this.getAttribute("template") ?? undefined,
    });
  }

  get #purpose(): Purpose {
    return (this.getAttribute("purpose") ?? "register-email") as Purpose;
  }

  #showCheck(check: LinkCheck): void {
    const isReady = check.status === "ready";
    this.#link = isReady ? check.link : undefined;
    this.#show(isReady ? "ready" : stateOf(check.code), { check });
  }

  #showError(error: unknown): void {
    const isOffline = error instanceof WaxsealError && error.code === "network";
    if (!isOffline) console.error(error);
    this.#show(isOffline ? "offline" : "unsupported", { error });
  }

  /** The one place that posts. The state is left before anything is awaited, so that a second press finds it gone. */
  async #press(): Promise<void> {
    if (this.#state !== "ready" && this.#state !== "offline") return;
    if (!this.#link || !this.#waxseal) return this.#start();
    const purpose = this.#purpose;
    this.#show("working");
    try {
      const endpoint = this.getAttribute("endpoint") ?? "";
      const outcome = await this.#waxseal.submit(this.#link, { endpoint, purpose });
      this.#outcome = outcome.status === "unreachable" || outcome.retryable ? undefined : outcome;
      const isUndone = outcome.status === "verified" && purpose === "undo-email";
      this.#show(isUndone ? "undone" : stateOf(outcome.code), { outcome });
    } catch (error) {
      this.#showError(error);
    }
  }

  #show(state: WaxsealState, said: Partial<WaxsealStateDetail> = {}): void {
    this.#state = state;
    const { check, outcome, error } = said;
    this.#view?.show({
      state,
      isUndo: this.#purpose === "undo-email",
      address: withAddress.includes(state) ? this.#link?.email : undefined,
      retryAfterS: outcome?.retryAfter,
    });
    const detail: WaxsealStateDetail = { state, check, outcome, error };
    for (const name of ["waxseal-state", `waxseal-${state}`]) {
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
    }
  }
}
