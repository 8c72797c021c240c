/** One tab with the element in it, in whichever engine. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { openTab } from "../support/browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Runs in the page. */
export function partsSeen(element) {
  const parts = [...element.shadowRoot.querySelectorAll("[part]")];
  const shown = parts.filter((part) => part.checkVisibility() && part.children.length === 0);
  return {
    ...Object.fromEntries(shown.map((part) => [part.getAttribute("part"), part.textContent])),
    everything: element.shadowRoot.textContent,
    language: element.shadowRoot.querySelector("section").lang,
  };
}

export async function openElementTab(browser, options) {
  return new ElementTab(await openTab(browser, options));
}

export class ElementTab {
  constructor(tab) {
    this.tab = tab;
    this.page = tab.page;
  }

  close() {
    return this.tab.close();
  }

  /** Opens a link and waits for a state. */
  async open(link, state) {
    await this.tab.open(link);
    return state === undefined ? undefined : this.waitFor(state);
  }

  /** Waits until the element is in this state and says what a reader sees of it. */
  async waitFor(state, selector = "waxseal-verify-email") {
    try {
      await this.page.waitForFunction(
        (css, wanted) => document.querySelector(css)?.state === wanted,
        {},
        selector,
        state,
      );
    } catch (cause) {
      const found = await this.page.evaluate((css) => document.querySelector(css)?.state, selector);
      throw new Error(`the element is ${found}, not ${state}`, { cause });
    }
    return this.seen(selector);
  }

  /** What is visible of the element: texts of its parts, none of a hidden one. */
  seen(selector = "waxseal-verify-email") {
    return this.page.$eval(selector, partsSeen);
  }

  async press(selector = "waxseal-verify-email") {
    const button = await this.page.evaluateHandle(
      (css) => document.querySelector(css).shadowRoot.querySelector("button"),
      selector,
    );
    await button.click();
  }

  /** What axe-core finds on the whole page. */
  async violations() {
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(axe);
    return this.page.evaluate(async () => {
      const { violations } = await window.axe.run(document);
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    });
  }
}
