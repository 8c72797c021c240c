// The workshop that the tests of consumers share, beside the build of the `wasm` preset: the tools of package-lock.json,
// and the npm package as it would come from the registry. Run as a program it is set up; it does nothing the second time.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** `node_modules` and each test's projects lie in here, so that the projects find the tools. */
export const workshop = join(process.env.WAXSEAL_WASM_DIR, "..", "wasm-consumers");

export const tool = (name) => join(workshop, "node_modules", ".bin", name);
export const importTool = (path) => import(pathToFileURL(join(workshop, "node_modules", path)));

/** Pages are opened in the browsers of tests/e2e, with what those are driven with. */
export const openBrowser = async () => (await import("../../e2e/support/browser.mjs")).openBrowser();

/** The package as npm packs it. */
export const tarball = join(workshop, "waxseal.tgz");

export function run(program, args, folder) {
  try {
    return execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? error}`);
  }
}

/** An empty folder in which the package is installed; gone after the test. */
export function project(t) {
  const folder = mkdtempSync(join(workshop, "project-"));
  t.after(() => rmSync(folder, { recursive: true }));
  installPackage(folder);
  return folder;
}

/** What `npm install waxseal` does: the package has no dependencies and no scripts. */
export function installPackage(folder) {
  const place = join(folder, "node_modules", "waxseal");
  mkdirSync(place, { recursive: true });
  run("tar", ["-xzf", tarball, "--strip-components=1", "-C", place], folder);
}

function installTools() {
  const files = ["package.json", "package-lock.json", ".npmrc"];
  const fingerprint = createHash("sha256");
  for (const file of files) fingerprint.update(readFileSync(join(here, file)));
  const stamp = join(workshop, "node_modules", ".installed");
  const wanted = fingerprint.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("installing bundlers, compilers, frameworks and runtimes");
  for (const file of files) cpSync(join(here, file), join(workshop, file));
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], workshop);
  writeFileSync(stamp, wanted);
}

function packPackage() {
  for (const name of readdirSync(workshop)) {
    // Of a test that was killed.
    if (name.startsWith("project-")) rmSync(join(workshop, name), { recursive: true });
  }
  const [{ filename, files }] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", workshop], process.env.WAXSEAL_PACKAGE),
  );
  cpSync(join(workshop, filename), tarball);
  console.log(`packed ${filename}: ${files.length} files`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(workshop, { recursive: true });
  installTools();
  run(join(here, "../../e2e/install"), [], workshop);
  packPackage();
}
