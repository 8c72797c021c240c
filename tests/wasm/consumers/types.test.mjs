// A strict TypeScript program against the package's types, as Node resolves them and as bundlers do, with the compiler of
// today and the one before.

import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { project, run, workshop } from "./workshop.mjs";

const program = fileURLToPath(new URL("types/consumer.ts", import.meta.url));
const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
  types: [],
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
};
const ways = { node16: "node16", bundler: "esnext" };

for (const compiler of ["typescript", "typescript-7"]) {
  for (const [moduleResolution, module] of Object.entries(ways)) {
    test(`${compiler}, resolved as ${moduleResolution}: the types are what the contract says`, (t) => {
      const folder = project(t);
      cpSync(program, join(folder, "consumer.mts"));
      const compilerOptions = { ...strict, module, moduleResolution };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.mts"] }));
      assert.equal(run(process.execPath, [join(workshop, "node_modules", compiler, "bin", "tsc")], folder), "");
    });
  }
}
