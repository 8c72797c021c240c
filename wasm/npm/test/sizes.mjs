// What the package weighs and what the module is made of, and how that differs from what was recorded last.
// `node sizes.mjs --record` writes the record, sizes.json, anew; size.test.mjs prints the difference.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { packageFolder } from "./support.mjs";

const recordFile = fileURLToPath(new URL("sizes.json", import.meta.url));

const read = (path) => readFileSync(new URL(path, packageFolder));

/** As a server sends it: brotli, quality 11. */
export const brotliSize = (bytes) => brotliCompressSync(bytes).length;
export const gzipSize = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** Sizes of the functions of a module by name, before compression. The names are those of the linker. */
function functionSizes(bytes) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const length = number();
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  const sizes = [];
  const names = new Map();
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === 10) {
      for (let count = number(); count > 0; --count) {
        const size = number();
        sizes.push(size);
        at += size;
      }
    } else if (section === 0 && text() === "name") {
      while (at < end) {
        const isOfFunctions = bytes[at++] === 1;
        const subsectionEnd = number() + at;
        for (let count = isOfFunctions ? number() : 0; count > 0; --count) names.set(number(), text());
        at = subsectionEnd;
      }
    }
    at = end;
  }
  return sizes.map((size, index) => [names.get(index) ?? `function ${index}`, size]);
}

/** LTO folds much of libsodium into the function that checks: what is left under its own name is counted as its own. */
const parts = [
  ["standard library", /^std::|^(unsigned long|bool) |^(malloc|memcmp|memchr|memcpy|memmove|strlen)$/],
  ["libsodium", /^(fe|ge|sc)25519|sha512|SHA512|^crypto_|^be64|^slide|^sodium|^chi|^store64|^load64|^set_term/],
  ["Waxseal", /./],
];

/** Bytes: files as they are sent, then the module's parts and its functions, neither compressed. */
export function measure() {
  const files = {};
  for (const name of ["waxseal.wasm", "index.js", "element/index.js", "element/locales/de.js"]) {
    files[name] = brotliSize(read(`dist/${name}`));
  }
  const functions = functionSizes(readFileSync(new URL("../wasm/waxseal.named.wasm", packageFolder)));
  const sums = Object.fromEntries(parts.map(([name]) => [name, 0]));
  for (const [name, size] of functions) sums[parts.find(([, pattern]) => pattern.test(name))[0]] += size;
  const named = functions.map(([name, size]) => [name.slice(0, 100), size]).sort(([, a], [, b]) => b - a);
  return { files, parts: sums, functions: Object.fromEntries(named) };
}

/** One line for each size that is another than the one recorded, the greatest change first. */
export function changesSinceRecord() {
  const now = measure();
  const before = JSON.parse(readFileSync(recordFile, "utf8"));
  const lines = [];
  for (const kind of ["files", "parts", "functions"]) {
    const names = [...new Set([...Object.keys(before[kind]), ...Object.keys(now[kind])])];
    const changes = names.map((name) => [name, before[kind][name] ?? 0, now[kind][name] ?? 0]);
    lines.push(
      ...changes
        .filter(([, old, size]) => old !== size)
        .sort(([, a, b], [, c, d]) => Math.abs(d - c) - Math.abs(b - a))
        .map(([name, old, size]) => `  ${size > old ? "+" : ""}${size - old}  ${name}: ${old} -> ${size}`),
    );
  }
  return lines;
}

if (process.argv[2] === "--record") writeFileSync(recordFile, `${JSON.stringify(measure(), null, 2)}\n`);
