// Runs what the README's first screen shows: the ten lines of configuration start a server, and the ten lines of
// TypeScript confirm an address against it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const root = path.resolve(import.meta.dirname, "../..");
const binary = process.env.WAXSEAL_BINARY;
const npmPackage = process.env.WAXSEAL_PACKAGE;
const startDeadlineMs = 15_000;
if (!existsSync(path.join(npmPackage, "dist/index.js"))) {
  console.error(`SKIPPED: no npm package in ${npmPackage}; build it with: cmake --workflow --preset wasm`);
  process.exit(process.env.CI === "true" ? 1 : 77);
}

/** The first fenced block of a language that holds the words. */
function fencedWith(language, words) {
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  const blocks = [...readme.matchAll(new RegExp("```" + language + "\\n([\\s\\S]*?)```", "g"))].map((match) => match[1]);
  const block = blocks.find((text) => text.includes(words));
  assert.ok(block, `README.md shows no ${language} with ${words}`);
  return block;
}
const fenced = (language) => fencedWith(language, "");

const folder = mkdtempSync(path.join(tmpdir(), "waxseal-readme-"));
const serverLog = path.join(folder, "server.log");
const stderr = openSync(serverLog, "a");
const waxseal = (...args) => execFileSync(binary, args, { cwd: folder, encoding: "utf8" });

/** A port that was free a moment ago. */
function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Runs the shell lines as shown, but for the build and the port, and gives what they print. */
async function runShell() {
  const port = await freePort();
  const lines = fencedWith("sh", "waxseal migrate").replace(/^script\/bootstrap.*\n/m, "").replaceAll(":8080", `:${port}`);
  assert.doesNotMatch(lines, /cmake/);
  const script = `set -euo pipefail; PATH=${path.dirname(binary)}:$PATH\n${lines}\nkill %1; wait %1`;
  const env = { ...process.env, WAXSEAL_SERVER_LISTEN: `127.0.0.1:${port}` };
  return execFileSync("bash", ["-m", "-c", script], { cwd: folder, encoding: "utf8", env, stdio: ["ignore", "pipe", stderr] });
}

/** Starts the server on a port that the system picks, and gives its address once it listens. */
async function startServer() {
  const env = { ...process.env, WAXSEAL_SERVER_LISTEN: "127.0.0.1:0" };
  const earlier = readFileSync(serverLog, "utf8").length;
  const server = spawn(binary, ["serve"], { cwd: folder, env, stdio: ["ignore", "ignore", stderr] });
  const deadline = Date.now() + startDeadlineMs;
  for (;;) {
    const log = readFileSync(serverLog, "utf8").slice(earlier);
    const address = /listening address=(\S+)\s/.exec(log)?.[1];
    if (address) return { server, address };
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start: ${log}`);
    await pause(50);
  }
}

/** Runs the shown TypeScript, which has no types in it, as the module of a page whose address bar holds the link. */
async function runPage(source, link, address) {
  const page = path.join(folder, "page.mjs");
  writeFileSync(page, source.replaceAll("https://backend-host", address));
  mkdirSync(path.join(folder, "node_modules"));
  symlinkSync(npmPackage, path.join(folder, "node_modules/waxseal"));
  Object.assign(globalThis, { location: { href: link }, question: {}, answer: {}, button: {} });
  await import(pathToFileURL(page));
}

try {
  writeFileSync(path.join(folder, "waxseal.toml"), fenced("toml"));
  const printed = await runShell();
  assert.match(printed, /is fine/);
  assert.match(printed, /Register email link email sent/);
  assert.match(printed, /^To: ada@new\.example\r$/m);
  const link = waxseal("link", "new", "--user", "1", "--email", "ada@newer.example").trim();
  const { server, address } = await startServer();
  try {
    await runPage(fenced("ts"), link, address);
    assert.equal(globalThis.question.textContent, "Use ada@newer.example?");
    assert.equal(JSON.parse(waxseal("user", "show", "1", "--json")).email, "ada@example.com", "nothing changes on load");
    await globalThis.button.onclick();
    assert.equal(globalThis.answer.textContent, "Email verified successfully");
    assert.equal(JSON.parse(waxseal("user", "show", "1", "--json")).email, "ada@newer.example");
  } finally {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    assert.equal(await ended, 0, "the server stops cleanly");
  }
  console.log("README.md: configuration and page work as shown");
} finally {
  // For tools/scan_logs.
  if (process.env.SERVER_LOGS) copyFileSync(serverLog, path.join(process.env.SERVER_LOGS, `${path.basename(folder)}.log`));
  rmSync(folder, { recursive: true });
}
