// Measures sizes and speed in one run, prints them, and writes bench/results/wasm.json. See run.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { measureSizes } from "./sizes.mjs";
import { measureHere, measureInChromium } from "./speed.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const results = fileURLToPath(new URL("../results/wasm.json", import.meta.url));

const npm = (folder, ...args) => execFileSync("npm", [...args, "--no-audit", "--no-fund", "--silent"], { cwd: folder, encoding: "utf8" });

/** The clients of package-lock.json and our package as it would come from the registry. */
function install(folder) {
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) cpSync(join(here, file), join(folder, file));
  npm(folder, "ci", "--ignore-scripts");
  const packed = npm(process.env.WAXSEAL_PACKAGE, "pack", "--pack-destination", folder).trim();
  npm(folder, "install", "--no-save", "--ignore-scripts", `./${packed}`);
}

const folder = mkdtempSync(join(tmpdir(), "waxseal-bench-"));
try {
  install(folder);
  const sizes = measureSizes(folder);
  const speed = { node: await measureHere(folder), chromium: await measureInChromium() };
  const machine = { processor: cpus()[0].model.trim(), node: process.version };
  mkdirSync(join(results, ".."), { recursive: true });
  writeFileSync(results, `${JSON.stringify({ machine, sizes, speed }, null, 2)}\n`);
  console.table(sizes);
  console.table(speed);
} finally {
  rmSync(folder, { recursive: true });
}
