/** WebKitGTK, driven by its own WebDriver (W3C WebDriver, level 1) on a display that nobody sees. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { freePort } from "./free_port.mjs";

const driver = "/usr/bin/WebKitWebDriver";
const display = "/usr/bin/xvfb-run";
const startDeadlineMs = 20_000;

/** WebDriver's name for a reference to an element. */
const elementKey = "element-6066-11e4-a52e-4f735466cecf";

/** The program that the driver opens; Debian has it in a folder by processor and version. */
const browser = ["x86_64", "aarch64"]
  .map((processor) => `/usr/lib/${processor}-linux-gnu/webkit2gtk-4.1/MiniBrowser`)
  .find(existsSync);

export const hasWebKit = existsSync(driver) && existsSync(display) && browser !== undefined;

/** @returns {Promise<WebKit>} With one window open. */
export async function openWebKit() {
  const webkit = new WebKit(await freePort());
  try {
    await webkit.start();
  } catch (error) {
    await webkit.close();
    throw error;
  }
  return webkit;
}

export class WebKit {
  #process;
  #session;
  #origin;

  constructor(port) {
    this.#origin = `http://127.0.0.1:${port}`;
    // A group of its own: the display and the browser end with the driver.
    const args = ["-a", driver, "--host=127.0.0.1", `--port=${port}`];
    this.#process = spawn(display, args, { detached: true, stdio: "ignore" });
  }

  async start() {
    const options = { binary: browser, args: ["--automation"] };
    const alwaysMatch = { browserName: "MiniBrowser", "webkitgtk:browserOptions": options };
    const deadline = Date.now() + startDeadlineMs;
    for (;;) {
      try {
        this.#session = await this.#ask("POST", "/session", { capabilities: { alwaysMatch } });
        return;
      } catch (error) {
        if (Date.now() > deadline || this.#process.exitCode !== null) throw error;
        await pause(100);
      }
    }
  }

  get version() {
    const { browserName, browserVersion } = this.#session.capabilities;
    return `${browserName} ${browserVersion}`;
  }

  open(url) {
    return this.#command("POST", "/url", { url });
  }

  /** Runs a function in the page. Its arguments and its answer are JSON, or elements. */
  run(work, ...args) {
    return this.#command("POST", "/execute/sync", { script: `return (${work})(...arguments)`, args });
  }

  /** Clicks as a person does: where the element is on the screen. */
  click(element) {
    return this.#command("POST", `/element/${element[elementKey]}/click`, {});
  }

  async close() {
    if (this.#session) await this.#command("DELETE", "", undefined).catch(() => {});
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, "exit");
    process.kill(-this.#process.pid, "SIGTERM");
    await exited;
  }

  #command(method, path, body) {
    return this.#ask(method, `/session/${this.#session.sessionId}${path}`, body);
  }

  async #ask(method, path, body) {
    const response = await fetch(this.#origin + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }
}
