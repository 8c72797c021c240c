import en from "./locales/en.js";
import type { WaxsealState } from "./states.js";
import { css } from "./style.js";
import { textsIn, type Texts } from "./texts.js";

/** What there is to show. */
export interface Shown {
  readonly state: WaxsealState;
  readonly isUndo: boolean;
  /** Of a link that may be shown; nothing for any other. */
  readonly address: string | undefined;
  readonly retryAfterS: number | undefined;
}

const good: readonly WaxsealState[] = ["verified", "already-verified", "undone"];
const neutral: readonly WaxsealState[] = ["loading", "ready", "working"];

let sheet: CSSStyleSheet | undefined;

/** The element's shadow tree. It writes text nodes and nothing else of what it is given. */
export class View {
  readonly #host: HTMLElement;
  readonly #root: ShadowRoot;
  readonly #section = make("section", "panel");
  readonly #heading = make("h2", "heading");
  readonly #address = make("p", "address");
  readonly #text = make("p", "text");
  readonly #button = make("button", "button");
  readonly #slot = document.createElement("slot");
  #texts: Texts = en;
  /** What was asked for last: a language that comes later than the next one says nothing any more. */
  #tag = "";
  #shown: Shown | undefined;

  constructor(host: HTMLElement, press: () => unknown) {
    this.#host = host;
    this.#root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    this.#heading.tabIndex = -1;
    this.#button.type = "button";
    this.#button.onclick = press;
    const status = make("div", "status");
    status.setAttribute("role", "status");
    status.append(this.#heading, this.#address, this.#text);
    this.#section.append(status, this.#button, this.#slot);
    this.#root.replaceChildren(this.#section);
    adoptStyle(this.#root);
  }

  /** Fetches the words of the language that the element, or else the page, is in, and shows them. */
  async speak(): Promise<void> {
    const tag = this.#host.closest("[lang]")?.getAttribute("lang") || navigator.language || "en";
    this.#tag = tag;
    const [language, texts] = await textsIn(tag);
    if (tag !== this.#tag) return;
    this.#section.lang = language;
    this.#texts = texts;
    if (this.#shown) this.show(this.#shown);
  }

  show(shown: Shown): void {
    const { state, isUndo, address, retryAfterS } = shown;
    this.#shown = shown;
    const question = this.#texts[isUndo ? "ready-to-undo" : "ready"];
    const [heading, text, ownButton] = state === "ready" ? question : this.#texts[state];
    const button = state === "working" ? question[2] : ownButton; // it stays as it was pressed, grey
    const wait = retryAfterS ? ` ${this.#texts.wait.replace("{seconds}", String(retryAfterS))}` : "";
    const hadFocus = this.#root.activeElement !== null;
    this.#section.className = good.includes(state) ? "good" : neutral.includes(state) ? "" : "bad";
    this.#section.setAttribute("aria-busy", String(state === "loading" || state === "working"));
    this.#slot.name = state;
    write(this.#heading, heading);
    write(this.#address, address ?? "");
    write(this.#text, text + wait);
    // A button that vanished or went grey under the finger would take the focus with it.
    write(this.#button, button ?? "");
    this.#button.setAttribute("aria-disabled", String(state === "working"));
    if (hadFocus && this.#root.activeElement === null) this.#heading.focus();
    else if (hadFocus && !button) this.#heading.focus();
  }
}

function make<Name extends keyof HTMLElementTagNameMap>(name: Name, part: string): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = part;
  element.setAttribute("part", part);
  return element;
}

/** Sets the text only where it is another, so that a screen reader says it once; without any, hides the element. */
function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

/** A sheet made by script needs no `style-src`. Browsers that have none (Safari before 16.4) show the plain element. */
function adoptStyle(root: ShadowRoot): void {
  if (!("adoptedStyleSheets" in root)) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  root.adoptedStyleSheets = [sheet];
}
