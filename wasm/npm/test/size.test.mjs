// The budget of the package, and what it is spent on. Everything is measured as a server sends it: brotli, quality 11.

import assert from "node:assert/strict";
import { test } from "node:test";

import { changesSinceRecord, measure } from "./sizes.mjs";

/** Bytes, of `waxseal.wasm` and `index.js` together. */
const budget = 15_000;

/** Bytes, of `element/index.js`, which holds English. */
const elementBudget = 5_000;

const { files, parts, functions } = measure();

function report() {
  const largest = Object.entries(functions).slice(0, 15);
  const lines = [...Object.entries(parts), ...largest].map(([name, size]) => `  ${String(size).padStart(6)}  ${name}`);
  return ["What the module is made of:", ...lines, ...growth()].join("\n");
}

function growth() {
  const changes = changesSinceRecord();
  return changes.length > 0 ? ["What changed since sizes.json was written:", ...changes] : ["As in sizes.json."];
}

test("the core stays within its budget", () => {
  const total = files["waxseal.wasm"] + files["index.js"];
  console.log(`brotli: waxseal.wasm ${files["waxseal.wasm"]} + index.js ${files["index.js"]} = ${total} bytes of ${budget}`);
  console.log(growth().join("\n"));
  assert.ok(total <= budget, `${total} bytes are over the budget of ${budget}. ${report()}`);
});

test("the element with one language stays within its budget on top of the core", () => {
  const size = files["element/index.js"];
  console.log(`brotli: element/index.js with English ${size} bytes of ${elementBudget}`);
  assert.ok(size <= elementBudget, `${size} bytes are over the budget of ${elementBudget}`);
});
