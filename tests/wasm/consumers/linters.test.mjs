// The package as the linters of packages see it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { importTool, project, run, tarball, tool, workshop } from "./workshop.mjs";

test("publint has nothing to say, not even a suggestion", async (t) => {
  const { publint } = await importTool("publint/src/index-node.js");
  const pkgDir = `${project(t)}/node_modules/waxseal`;
  const { messages } = await publint({ pkgDir, level: "suggestion", strict: true, pack: false });
  assert.deepEqual(messages, []);
});

test("attw finds the types of every entry, in each way that an ES module can be resolved", () => {
  // A .wasm has no types, and package.json none either.
  const entries = ["--exclude-entrypoints", "./waxseal.wasm", "./package.json"];
  // Fails by itself when it finds a problem. What it lists beside are the ways without ES modules.
  const said = run(tool("attw"), [tarball, "--profile", "esm-only", "--format", "json", ...entries], workshop);
  const { analysis } = JSON.parse(said);
  const found = Object.entries(analysis.entrypoints).map(([name, { resolutions }]) => [
    name,
    ["node16-esm", "bundler"].map((way) => resolutions[way].resolution?.fileName.replace(/^.*\/dist/, "dist")),
  ]);
  const twice = (file) => [file, file];
  assert.deepEqual(Object.fromEntries(found), {
    ".": twice("dist/index.d.ts"),
    "./error-texts": twice("dist/error-texts.d.ts"),
    "./element": twice("dist/element/index.d.ts"),
  });
});
