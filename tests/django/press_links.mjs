// Does with links what the page behind them does: check, then submit. Reads {"package", "links": [{"url", "endpoint", "options"}]}
// from stdin and prints one {"check", "outcome"} a link, in order, one after the other.

import path from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const { package: folder, links } = JSON.parse(await text(process.stdin));
const { load } = await import(pathToFileURL(path.join(folder, "dist/index.js")).href);
const waxseal = await load();

const answers = [];
for (const { url, endpoint, options } of links) {
  const check = await waxseal.check(url, options);
  const outcome = check.link && (await waxseal.submit(check.link, { endpoint }));
  answers.push({ check, outcome });
}
console.log(JSON.stringify(answers));
