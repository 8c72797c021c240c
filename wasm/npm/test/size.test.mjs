// The budget of the package, and what it is spent on. Everything is measured as a server sends it: brotli, quality 11.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { packageFolder } from "./support.mjs";

/** Bytes, of `waxseal.wasm` and `index.js` together. */
const budget = 15_900;

/** Bytes, of `element/index.js`, which holds English. */
const elementBudget = 5_000;

const read = (path) => readFileSync(new URL(path, packageFolder));
const brotli = (path) => brotliCompressSync(read(path)).length;

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
  ["standard library", /^std::|^(malloc|memcmp|memchr|memcpy|memmove|strlen)$/],
  ["libsodium", /^(fe|ge|sc)25519|sha512|SHA512|^crypto_|^be64|^slide|^sodium|^chi|^store64|^load64/],
  ["Waxseal", /./],
];

function report() {
  const functions = functionSizes(readFileSync(new URL("../wasm/waxseal.named.wasm", packageFolder)));
  const sum = new Map(parts.map(([name]) => [name, 0]));
  for (const [name, size] of functions) {
    const [part] = parts.find(([, pattern]) => pattern.test(name));
    sum.set(part, sum.get(part) + size);
  }
  const lines = [...sum].map(([part, size]) => `  ${String(size).padStart(6)}  ${part}, not compressed`);
  const largest = functions.sort(([, a], [, b]) => b - a).slice(0, 15);
  return [...lines, ...largest.map(([name, size]) => `  ${String(size).padStart(6)}  ${name.slice(0, 90)}`)].join("\n");
}

test("the core stays within its budget", () => {
  const sizes = { "waxseal.wasm": brotli("dist/waxseal.wasm"), "index.js": brotli("dist/index.js") };
  const total = Object.values(sizes).reduce((sum, size) => sum + size);
  const said = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  console.log(`brotli: ${said.join(" + ")} = ${total} bytes of ${budget}`);
  assert.ok(total <= budget, `${total} bytes are over the budget of ${budget}. What the module is made of:\n${report()}`);
});

test("the element with one language stays within its budget on top of the core", () => {
  const size = brotli("dist/element/index.js");
  console.log(`brotli: element/index.js with English ${size} bytes of ${elementBudget}`);
  assert.ok(size <= elementBudget, `${size} bytes are over the budget of ${elementBudget}`);
});
