// The examples of pages, each started as its README says, but for the ports and for where npm takes packages from: a real
// backend, a link that it signed, and a press in Chromium.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";

import { openElementTab } from "../e2e/element/tab.mjs";
import { freePort } from "../e2e/support/free_port.mjs";
import { openBrowser, project } from "../wasm/consumers/workshop.mjs";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const binary = process.env.WAXSEAL_BINARY;
const waitMs = 20_000;

/** A copy of the example, in which every port that it names is a free one. */
async function copyOf(t, name, ports) {
  const folder = project(t);
  cpSync(join(examples, name), folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const free = new Map(await Promise.all(ports.map(async (port) => [port, await freePort()])));
  const named = new RegExp(`\\b(${ports.join("|")})\\b`, "g");
  for (const file of readdirSync(folder, { recursive: true })) {
    if (file.startsWith("node_modules") || !extname(file)) continue;
    const text = readFileSync(join(folder, file), "utf8");
    writeFileSync(join(folder, file), text.replace(named, (port) => free.get(Number(port))));
  }
  return folder;
}

/** Runs the README's lines in a shell that ends with the test, and gives the link that they print. */
async function start(t, folder) {
  const [, lines] = /```sh\n([^]*?)```/.exec(readFileSync(join(folder, "README.md"), "utf8"));
  const here = lines.replace("npm install && ", "").replace("../../build/wasm/npm", "node_modules/waxseal");
  const script = `set -e; export PATH=${dirname(binary)}:$PATH\n${here}\nwait`;
  // A group of its own, so that what runs in its background ends with it.
  const shell = spawn("bash", ["-c", script], { cwd: folder, detached: true });
  let said = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (text) => (said += text));
  const exited = once(shell, "exit");
  t.after(async () => {
    process.kill(-shell.pid, "SIGTERM");
    await exited;
  });
  const link = await until(() => /^http:\S+signature=\S+$/m.exec(said)?.[0], () => said);
  const { origin } = new URL(link);
  await until(() => fetch(origin).then(({ ok }) => ok, () => false), () => `${origin} does not answer: ${said}`);
  return link;
}

async function until(look, describe) {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(describe());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function addressOf(folder) {
  const shown = execFileSync(binary, ["user", "show", "1", "--json"], { cwd: folder, encoding: "utf8" });
  return JSON.parse(shown).email;
}

describe("the examples of pages", () => {
  let browser;
  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());

  async function openTabFor(t) {
    const tab = await openElementTab(browser);
    t.after(() => tab.close());
    return tab;
  }

  test("vite: asks, confirms on a press, and the account has the address", async (t) => {
    const folder = await copyOf(t, "vite", [8080, 4173, 5173]);
    const link = await start(t, folder);
    const tab = await openTabFor(t);
    await tab.open(link);
    const message = (text) => tab.page.waitForFunction((wanted) => document.getElementById("message").textContent === wanted, {}, text);
    await message("Use ada@new.example for your account?");
    assert.equal(addressOf(folder), "ada@example.com");
    assert.equal(new URL(tab.page.url()).search, "");
    await tab.page.click("#confirm");
    await message("ada@new.example is confirmed.");
    assert.equal(addressOf(folder), "ada@new.example");
    assert.deepEqual(tab.tab.posts, ["POST /api/v1/accounts/verify-email/"]);
    assert.deepEqual(await tab.violations(), []);
    assert.deepEqual(tab.tab.errors, []);
  });

  test("plain-html: shows the address, confirms on a press, and the account has it", async (t) => {
    const folder = await copyOf(t, "plain-html", [8080, 8000]);
    const link = await start(t, folder);
    const tab = await openTabFor(t);
    assert.equal((await tab.open(link, "ready")).address, "ada@new.example");
    assert.equal(addressOf(folder), "ada@example.com");
    await tab.press();
    await tab.waitFor("verified");
    assert.equal(addressOf(folder), "ada@new.example");
    assert.ok(await tab.page.$eval("a[slot=verified]", (onward) => onward.checkVisibility()));
    // A browser asks first, by OPTIONS, for the backend is another origin.
    assert.deepEqual(tab.tab.posts.filter((request) => request.startsWith("POST")), ["POST /api/v1/accounts/verify-email/"]);
    assert.deepEqual(tab.tab.errors, []);
  });
});
