// The one piece of arithmetic that the module has in other words than upstream, against the numbers of JavaScript: a
// carry that is lost once in 2^32 links would pass every test of links.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { openModule } from "../../wasm/npm/test/module.mjs";
import { Random } from "./random.mjs";

const order = 2n ** 252n + 27742317777372353535851937790883648493n; // RFC 8032 section 5.1
const end = 2n ** 512n;

const { exports, memory } = await openModule(
  readFileSync(join(process.env.WAXSEAL_WASM_DIR, "tests/wasm/waxseal_judge.wasm")),
);
const at = exports.waxseal_allocate(64);

function reduced(number) {
  const bytes = Buffer.from(number.toString(16).padStart(128, "0"), "hex").reverse();
  memory().set(bytes, at);
  exports.waxseal_reduce(at);
  const answer = Buffer.from(memory().subarray(at, at + 64)).reverse();
  return BigInt(`0x${answer.toString("hex")}`);
}

/** Numbers on both sides of the edges: multiples of the order, powers of two, and long runs of equal bits. */
function* edges() {
  const last = end / order;
  for (const multiple of [0n, 1n, 2n, 15n, 16n, 17n, last / 2n, last - 1n, last]) yield multiple * order;
  for (let bit = 0n; bit <= 512n; ++bit) yield 2n ** bit;
  for (let byte = 0n; byte < 64n; ++byte) {
    for (const value of [0x7fn, 0x80n, 0x81n, 0xffn]) yield value << (8n * byte);
    yield (end - 1n) ^ (0xffn << (8n * byte));
  }
  for (const byte of ["7f", "80", "81", "fe", "ff"]) yield BigInt(`0x${byte.repeat(64)}`);
}

test("a number at an edge is reduced as the definition has it", () => {
  for (const edge of edges()) {
    for (const number of [edge - 1n, edge, edge + 1n]) {
      if (number >= 0n && number < end) assert.equal(reduced(number), number % order, number.toString(16));
    }
  }
});

test("a hundred thousand numbers are reduced as the definition has it", () => {
  const random = new Random(25_519);
  for (let i = 0; i < 100_000; ++i) {
    const number = BigInt(`0x${random.bytes(64).toString("hex")}`) >> BigInt(random.between(0, 300));
    assert.equal(reduced(number), number % order, number.toString(16));
  }
});
