/** Starts a real `waxseal serve --demo` in a folder of its own, and talks to it as a script would. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import { freePort } from "./free_port.mjs";

const run = promisify(execFile);
const startDeadlineMs = 15_000;
const mailDeadlineMs = 15_000;
const stopDeadlineMs = 10_000;

export const people = [
  { id: "1", email: "ada@example.com" },
  { id: "2", email: "grace@example.com" },
  { id: "3", email: "linus@example.com" },
];

/** @returns {Promise<DemoServer>} Listening, with three accounts. */
export async function startDemo() {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-e2e-"));
  // The verification_url names the port, so it has to be known before the backend starts.
  const server = new DemoServer(folder, await freePort());
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export class DemoServer {
  #folder;
  #process;
  #log = "";

  constructor(folder, port) {
    this.#folder = folder;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  async start() {
    const binary = needed("WAXSEAL_BINARY");
    const config = ["--config", join(this.#folder, "waxseal.toml")];
    await writeFile(config[1], this.#settings());
    await run(binary, [...config, "migrate"]);
    await run(binary, [...config, "key", "new"]);
    for (const { id, email } of people) await run(binary, [...config, "user", "add", "--id", id, "--email", email]);

    const pages = needed("WAXSEAL_DEMO_PAGES");
    this.#process = spawn(binary, [...config, "serve", "--demo", "--demo-pages", pages], { cwd: this.#folder });
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream.on("data", (text) => (this.#log += text));
    await this.#untilHealthy();
  }

  async stop() {
    if (this.#process && this.#process.exitCode === null) {
      const exited = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      const timer = setTimeout(() => this.#process.kill("SIGKILL"), stopDeadlineMs);
      await exited;
      clearTimeout(timer);
    }
    // For tools/scan_logs.
    if (process.env.SERVER_LOGS) await writeFile(join(process.env.SERVER_LOGS, `${basename(this.#folder)}.log`), this.#log);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Makes a key that signs from now on. */
  async rotateKeys() {
    const earlier = this.#log.length;
    await run(needed("WAXSEAL_BINARY"), ["--config", join(this.#folder, "waxseal.toml"), "key", "new"]);
    this.#process.kill("SIGHUP");
    await this.#untilLogged(/keys read again/, earlier);
  }

  /** A link that works: asked for by the account, taken from the mail. */
  async freshLink(userId, email) {
    const { token } = await this.post("/demo/api/sign-in", { user_id: userId });
    const earlier = await this.mails();
    await this.post("/api/v1/accounts/register-email/", { email }, { Authorization: `Token ${token}` });
    const mail = await this.waitForMail(email, earlier);
    return mail.link;
  }

  /** The notice to the address that the account would give up, after it asked for this one. */
  async freshUndoMail(userId, email) {
    const { users } = await (await fetch(`${this.url}/demo/api/users`)).json();
    const earlier = await this.mails();
    await this.freshLink(userId, email);
    return this.waitForMail(users.find(({ id }) => id === userId).email, earlier);
  }

  async freshUndoLink(userId, email) {
    return (await this.freshUndoMail(userId, email)).link;
  }

  /** What the inbox has, newest first. */
  async mails() {
    const { mails } = await (await fetch(`${this.url}/demo/api/inbox`)).json();
    return mails;
  }

  /** The newest mail to this address that is none of the earlier ones, as soon as there is one with a link. */
  async waitForMail(to, earlier = []) {
    const known = new Set(earlier.map(({ id }) => id));
    const deadline = Date.now() + mailDeadlineMs;
    for (;;) {
      const mail = (await this.mails()).find((each) => each.to.includes(to) && each.link && !known.has(each.id));
      if (mail) return mail;
      if (Date.now() > deadline) throw new Error(`no mail to ${to}\n${this.#log}`);
      await pause(50);
    }
  }

  async post(path, body, headers = {}) {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  #settings() {
    return `
[server]
listen = "127.0.0.1:${this.port}"
[storage]
url = "sqlite:${this.#folder}/demo.db"
[register_email]
verification_url = "${this.url}/verify-email/"
undo_url = "${this.url}/undo-email/"
from = "Waxseal demo <no-reply@example.com>"
[signing]
keys_dir = "${this.#folder}/keys"
[mail]
transport = "file"
directory = "${this.#folder}/mail"
[limits]
per_user = ""
per_address = ""
per_domain = ""
per_ip = ""
`;
  }

  async #untilLogged(words, from) {
    const deadline = Date.now() + startDeadlineMs;
    while (!words.test(this.#log.slice(from))) {
      if (Date.now() > deadline) throw new Error(`the log never says ${words}:\n${this.#log}`);
      await pause(50);
    }
  }

  async #untilHealthy() {
    const deadline = Date.now() + startDeadlineMs;
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error(`the backend stopped at once:\n${this.#log}`);
      const answer = await fetch(`${this.url}/healthz`).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() > deadline) throw new Error(`the backend does not answer:\n${this.#log}`);
      await pause(50);
    }
  }
}

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the tests with tests/e2e/run`);
  return value;
}
