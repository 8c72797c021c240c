/** Headless Chromium, and one tab in it that keeps a record of what it did. */

import { existsSync } from "node:fs";

import puppeteer from "puppeteer-core";

export const desktop = { width: 1200, height: 800 };
export const phone = { width: 360, height: 740, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const waitMs = 15_000;

/** No sandbox only for root, which Chromium refuses to sandbox; and no way to any host but this one. */
const flags = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--no-first-run",
  "--disable-quic",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
  "--disable-lcd-text", // letters without coloured edges: pictures are half as large
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** The engines that this machine has. Firefox is driven by WebDriver BiDi. */
export const engines = [
  { name: "chromium", path: process.env.WAXSEAL_CHROMIUM ?? "/usr/bin/chromium" },
  { name: "firefox", path: process.env.WAXSEAL_FIREFOX ?? "/usr/bin/firefox-esr" },
].filter(({ path }) => existsSync(path));

/** @returns {Promise<import("puppeteer-core").Browser>} With a fresh profile, removed when it is closed. */
export function openBrowser({ name, path } = engines[0]) {
  if (name === "firefox") return puppeteer.launch({ browser: "firefox", executablePath: path, headless: true });
  return puppeteer.launch({ executablePath: path, headless: true, args: flags });
}

/**
 * A tab in a profile of its own.
 * @param {import("puppeteer-core").Browser} browser
 */
export async function openTab(browser, { viewport = desktop } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(waitMs);
  await page.setViewport(viewport);
  return new Tab(context, page);
}

export class Tab {
  #context;
  #answers = new Map();

  constructor(context, page) {
    this.#context = context;
    /** @type {import("puppeteer-core").Page} */
    this.page = page;
    /** Every request of the tab: method, url. */
    this.requests = [];
    /** Errors of scripts and of the console, violations of the Content-Security-Policy among them. */
    this.errors = [];
    page.on("request", (request) => this.requests.push({ method: request.method(), url: request.url() }));
    page.on("pageerror", (error) => this.#record(String(error)));
    page.on("console", (message) => this.#recordConsole(message));
  }

  close() {
    return this.#context.close();
  }

  /** The requests that could have changed something. */
  get posts() {
    return this.requests
      .filter(({ method }) => method !== "GET")
      .map(({ method, url }) => `${method} ${new URL(url).pathname}`);
  }

  open(url) {
    return this.page.goto(url, { waitUntil: "load" });
  }

  /** Waits for a state of the verify page and returns what a reader sees. */
  async waitForState(name) {
    await this.page.waitForSelector(`#state[data-state="${name}"]`);
    return this.page.$eval("#state", (state) => ({
      heading: state.querySelector("h1").textContent,
      text: state.textContent,
      address: state.querySelector("#link-address")?.textContent,
      code: state.querySelector("#outcome-code")?.textContent,
      nextStep: state.querySelector(".next-step")?.textContent,
    }));
  }

  /**
   * Answers requests to a path in the backend's place: for states that a healthy backend does not get into.
   * @param {object | "unreachable" | Promise<object> | undefined} answer  Status, headers, body; a promise of them, to make
   *     it wait; undefined to let the backend answer again.
   */
  async answer(path, answer) {
    if (this.#answers.size === 0) {
      await this.page.setRequestInterception(true);
      this.page.on("request", (request) => void this.#answerOrContinue(request));
    }
    this.#answers.set(path, answer);
  }

  async #answerOrContinue(request) {
    const answer = await this.#answers.get(new URL(request.url()).pathname);
    if (answer === undefined) await request.continue();
    else if (answer === "unreachable") await request.abort("connectionrefused");
    else await request.respond(answer);
  }

  #record(error) {
    // Firefox asks for it by itself, and says that the policy forbids it.
    if (!error.includes("/favicon.ico")) this.errors.push(error);
  }

  #recordConsole(message) {
    if (message.type() !== "error" && message.type() !== "warn") return;
    // The browser's own note that an answer was a 4xx, which is how the API refuses a link.
    const isRefusal = message.text().startsWith("Failed to load resource") && !message.text().includes("Policy");
    if (!isRefusal) this.#record(message.text());
  }
}
