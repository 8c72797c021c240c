import en from "./locales/en.js";
import type { WaxsealState } from "./states.js";

/** A heading, a sentence or two with the next step, and the words on the button where there is one. */
export type StateTexts = readonly [heading: string, text: string, button?: string];

/** All words of the element in one language. `{seconds}` in `wait` stands for a number. */
export interface Texts extends Readonly<Record<WaxsealState | "ready-to-undo", StateTexts>> {
  /** Added where the server says how long to wait. */
  readonly wait: string;
}

/** The languages that are fetched when they are asked for. English is here already. */
const others: Readonly<Record<string, () => Promise<{ readonly default: Texts }>>> = {
  de: () => import("./locales/de.js"),
  es: () => import("./locales/es.js"),
  fr: () => import("./locales/fr.js"),
  id: () => import("./locales/id.js"),
  pl: () => import("./locales/pl.js"),
  pt: () => import("./locales/pt-BR.js"),
};

/** The words in a language, e.g. of a tag such as "de-AT", and which language they are in. English for any other. */
export async function textsIn(tag: string): Promise<readonly [language: string, texts: Texts]> {
  const language = tag.toLowerCase().split("-")[0] ?? "";
  try {
    const found = Object.hasOwn(others, language) ? await others[language]?.() : undefined;
    if (found) return [language === "pt" ? "pt-BR" : language, found.default];
  } catch {
    // The file could not be fetched: English is better than nothing.
  }
  return ["en", en];
}
