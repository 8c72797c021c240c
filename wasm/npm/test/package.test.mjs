import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { packageFolder, waxsealPackage } from "./support.mjs";

const read = (path) => readFileSync(new URL(path, packageFolder));
const manifest = JSON.parse(read("package.json"));

test("the module asks nothing of its surroundings", () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(read("dist/waxseal.wasm")));
  const names = imports.map(({ module, name }) => `${module}.${name}`);
  console.log(`imports of waxseal.wasm: ${names.join(", ") || "none"}`);
  assert.deepEqual(names, []);
});

test("the module exports what abi.hpp names, and nothing else", () => {
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(read("dist/waxseal.wasm"))).map(({ name }) => name);
  const functions = ["abi_version", "accepts_email", "allocate", "check"].map((name) => `waxseal_${name}`);
  assert.deepEqual(exports.sort(), ["memory", ...functions]);
});

test("nothing of the package is made from text at run time", () => {
  for (const name of readdirSync(new URL("dist/", packageFolder), { recursive: true })) {
    if (name.endsWith(".js")) assert.doesNotMatch(read(`dist/${name}`).toString(), /\beval\b|new Function\b|innerHTML/);
  }
});

test("no path of the machine that built it is in the package", () => {
  const folder = fileURLToPath(packageFolder);
  for (const name of readdirSync(join(folder, "dist"), { recursive: true })) {
    if (!/\.\w+$/.test(name)) continue;
    const text = read(`dist/${name}`).toString("latin1");
    assert.ok(!text.includes(folder) && !/\/(home|root|tmp|usr)\//.test(text), name);
  }
});

test("the manifest: types first, no dependencies, no side effects, and every file that it names is there", () => {
  assert.equal(Object.keys(manifest.exports["."])[0], "types");
  assert.deepEqual([manifest.dependencies, manifest.license], [undefined, "MIT"]);
  assert.deepEqual(manifest.sideEffects, ["./dist/element/index.js"]);
  const named = [
    ...Object.values(manifest.exports["."]),
    manifest.exports["./waxseal.wasm"],
    "./README.md",
    "./LICENSE",
  ];
  for (const file of named) assert.ok(read(file).length > 0, file);
});

test("the public surface is load and Waxseal's error", () => {
  assert.deepEqual(Object.keys(waxsealPackage).sort(), ["WaxsealError", "load"]);
});

test("every code of error_codes.def is there, with both texts", async () => {
  const { errorTexts } = await import(new URL("dist/error-texts.js", packageFolder));
  const definitions = readFileSync(new URL("../../../core/include/waxseal/error_codes.def", import.meta.url), "utf8");
  const names = [...definitions.matchAll(/^WAXSEAL_ERROR_CODE\(\w+, "([^"]+)"/gm)].map(([, name]) => name);
  assert.ok(names.length >= 20);
  assert.deepEqual(Object.keys(errorTexts), names);
  for (const { detail, advice } of Object.values(errorTexts)) assert.ok(detail && advice);
});

const compiler =
  process.env.WAXSEAL_TSC ??
  fileURLToPath(new URL("wasm/npm/workshop/node_modules/.bin/tsc", new URL("../", packageFolder)));

/** Compiles a page that uses the package as it is installed, and gives what the compiler said. */
function compile(t, source) {
  const folder = mkdtempSync(join(tmpdir(), "waxseal-types-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(fileURLToPath(packageFolder), join(folder, "node_modules", "waxseal"));
  writeFileSync(join(folder, "page.mts"), source);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "false"];
  try {
    return execFileSync(compiler, [...options, "page.mts"], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    return error.stdout;
  }
}

test("the example of the README compiles against the package's types", (t) => {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(read("README.md").toString());
  const page = "declare const question: HTMLElement, answer: HTMLElement, button: HTMLButtonElement;\nexport {};\n";
  assert.equal(compile(t, page + example), "");
});

test("the types refuse a link that was not looked at", (t) => {
  const careless = `import { load } from "waxseal";
    const waxseal = await load();
    const check = await waxseal.check("");
    console.log(check.link.email);
    export {};`;
  assert.match(compile(t, careless), /Property 'link' does not exist/);
});
