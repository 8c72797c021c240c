// What a page loads with each client: the programs of programs.mjs, made by one bundler with the same options. Bytes.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { brotliSize, gzipSize } from "../../wasm/npm/test/sizes.mjs";
import { programs } from "./programs.mjs";

const options = [
  ...["--bundle", "--minify", "--splitting", "--format=esm", "--platform=browser", "--target=es2022"],
  ...["--outdir=out", "--define:process.env.NODE_ENV=\"production\"", "--log-level=error"],
];

/** @param folder  Where the clients are installed. */
export function measureSizes(folder) {
  return Object.entries(programs).map(([name, program]) => {
    const [scope, rest] = name.split("/");
    const packageName = name.startsWith("@") ? `${scope}/${rest}` : scope;
    const { version } = JSON.parse(readFileSync(join(folder, "node_modules", packageName, "package.json"), "utf8"));
    return { name, version: version.replace(/^v/, ""), ...measure(folder, program, packageName === "waxseal") };
  });
}

function measure(folder, program, hasModule) {
  const work = join(folder, "program");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  writeFileSync(join(work, "main.js"), program);
  execFileSync(join(folder, "node_modules/.bin/esbuild"), ["main.js", ...options], { cwd: work, stdio: "inherit" });
  // What is split off is fetched only when it is asked for, e.g. another language; `main.js` says what it needs at once.
  const files = [...firstFiles(join(work, "out"))];
  if (hasModule) files.push(join(folder, "node_modules/waxseal/dist/waxseal.wasm"));
  const contents = files.map((file) => readFileSync(file));
  const sum = (size) => contents.reduce((total, bytes) => total + size(bytes), 0);
  return { bytes: sum(({ length }) => length), gzip: sum(gzipSize), brotli: sum(brotliSize) };
}

/** `main.js` and the files that it and those import statically. */
function firstFiles(folder) {
  const known = new Set(readdirSync(folder));
  const files = new Set();
  const add = (name) => {
    if (!known.has(name) || files.has(name)) return;
    files.add(name);
    const text = readFileSync(join(folder, name), "utf8");
    for (const [, imported] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) add(imported);
  };
  add("main.js");
  return [...files].map((name) => join(folder, name));
}
