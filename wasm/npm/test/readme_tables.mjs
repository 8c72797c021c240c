// The tables of the package's README, from the package and from what was measured. `node readme_tables.mjs --write` writes
// them; readme.test.mjs compares.

import { readFileSync, writeFileSync } from "node:fs";

import { measure } from "./sizes.mjs";
import { packageFolder } from "./support.mjs";

const readmeFile = new URL("../README.md", import.meta.url);
const results = JSON.parse(readFileSync(new URL("../../../bench/results/wasm.json", import.meta.url), "utf8"));
const { errorTexts } = await import(new URL("dist/error-texts.js", packageFolder));

const count = (number) => number.toLocaleString("en");

function table(head, ...rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const isNumber = (cell) => /^[\d,.]+( kB)?$/.test(cell);
  return [line(head), `|${rows[0].map((cell) => (isNumber(cell) ? "---:" : "---")).join("|")}|`, ...rows.map(line)].join("\n");
}

/** One decimal: what a different compiler makes of a byte or two is no news. */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

function sizes() {
  const { files } = measure();
  return table(
    ["what", "brotli"],
    ["`waxseal.wasm` and `index.js`: Ed25519, links, keys, `check` and `submit`", kilobytes(files["waxseal.wasm"] + files["index.js"])],
    ["`element/index.js` beside them, with English", kilobytes(files["element/index.js"])],
    ["another language, when it is asked for (German)", kilobytes(files["element/locales/de.js"])],
  );
}

function peers() {
  const rows = results.sizes.map(({ name, version, gzip, brotli }) => [`${name} ${version}`, count(gzip), count(brotli)]);
  return table(["client", "gzip", "brotli"], ...rows);
}

function speed() {
  const { node, chromium } = results.speed;
  const ours = node["waxseal check with signature"];
  const beside = (name) => `${node[name]} µs, ${(node[name] / ours).toFixed(1)} times ours`;
  return table(
    [`median, on ${results.machine.processor}`, "Node", "Chromium"],
    ["`check` with the signature", `${ours} µs`, `${chromium["waxseal check with signature"]} µs`],
    ["`check` without keys", `${node["waxseal check without"]} µs`, ""],
    ["from the bytes of the module to the first answer", "", `${chromium["waxseal from bytes to first check"] / 1000} ms`],
    ["@noble/curves, the signature alone", beside("@noble/curves ed25519.verify"), ""],
    ["libsodium-wrappers, the signature alone", beside("libsodium-wrappers crypto_sign_verify_detached"), ""],
  );
}

function codes() {
  return table(["code", "what to do next"], ...Object.entries(errorTexts).map(([code, { advice }]) => [`\`${code}\``, advice]));
}

/** The README with its tables made anew. */
export function readmeWithTables() {
  let text = readFileSync(readmeFile, "utf8");
  for (const [name, made] of Object.entries({ sizes, peers, speed, codes })) {
    text = text.replace(new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`), (_, start, end) => `${start}\n${made()}\n\n${end}`);
  }
  return text;
}

if (process.argv[2] === "--write") writeFileSync(readmeFile, readmeWithTables());
