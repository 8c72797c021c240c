// Runs one of the tests of the WebAssembly side for CTest: see `tests`. Where the wasm preset was not built, or a program is
// missing, says so and counts as skipped; under CI=true, as failed.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const packageTests = join(here, "../../wasm/npm/test");
const wasmFolder = process.env.WAXSEAL_WASM_DIR ?? join(here, "../../build/wasm");
const nativeJudge = process.env.WAXSEAL_NATIVE_JUDGE ?? join(here, "../../build/release/tests/wasm/waxseal_judge");
const chromium = process.env.WAXSEAL_CHROMIUM ?? "/usr/bin/chromium";
const skipped = 77;

const consumer = (name) => ["--test", join(here, "consumers", `${name}.test.mjs`)];

const tests = {
  package: () => [
    "--test",
    ...readdirSync(packageTests)
      .filter((name) => name.endsWith(".test.mjs"))
      .map((name) => join(packageTests, name)),
  ],
  differential: () => [join(here, "differential.mjs")],
  reduce: () => ["--test", join(here, "reduce.mjs")],
  workshop: () => [join(here, "consumers", "workshop.mjs")],
  linters: () => consumer("linters"),
  types: () => consumer("types"),
  runtimes: () => consumer("runtimes"),
  bundlers: () => consumer("bundlers"),
  readme: () => consumer("readme"),
  example_pages: () => ["--test", join(here, "../examples/pages.test.mjs")],
};
const inBrowser = ["bundlers", "readme", "example_pages"];

function reasonToSkip(name) {
  if (!existsSync(join(wasmFolder, "npm", "package.json")))
    return `${wasmFolder} has no package: cmake --workflow --preset wasm`;
  if (inBrowser.includes(name) && !existsSync(chromium)) return `there is no ${chromium}: script/bootstrap`;
  return undefined;
}

const [name] = process.argv.slice(2);
if (!Object.hasOwn(tests, name ?? "")) throw new Error(`one of ${Object.keys(tests).join(", ")}`);
const reason = reasonToSkip(name);
if (reason !== undefined) {
  console.error(`SKIPPED wasm.${name}: ${reason}`);
  process.exit(process.env.CI === "true" ? 1 : skipped);
}
const environment = { ...process.env, WAXSEAL_WASM_DIR: wasmFolder, WAXSEAL_PACKAGE: join(wasmFolder, "npm"), WAXSEAL_NATIVE_JUDGE: nativeJudge };
const { status } = spawnSync(process.execPath, tests[name](), { stdio: "inherit", env: environment });
process.exitCode = status ?? 1;
