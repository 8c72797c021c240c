// Asks the native core and the WebAssembly core the same questions, about ten thousand links, and compares the answers byte for byte;
// and what the package posts of each link with the payload that the native core writes of it.
// Prints how many links were valid in each scheme and how often each code was the answer, and fails if one was rare.
//
//   WAXSEAL_WASM_DIR      the build tree of the `wasm` preset
//   WAXSEAL_NATIVE_JUDGE  the program of native_judge.cpp
//   WAXSEAL_SEED          another seed than the usual one, to try others
//   WAXSEAL_LINKS         another number of links, such as 1000000

import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { acceptsEmail, checkIn, openModule } from "../../wasm/npm/test/module.mjs";
import { waxsealPackage } from "../../wasm/npm/test/support.mjs";
import { makeQuestion } from "./questions.mjs";
import { Random } from "./random.mjs";

const linkCount = Number(process.env.WAXSEAL_LINKS ?? 10_000);
const batchSize = 10_000;
const minValidShare = 0.3;
const minShareOfEachCode = 0.02;
const seed = Number(process.env.WAXSEAL_SEED ?? 20_260_701);

function frame(fields) {
  const number = (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const encoded = fields.map((field) => Buffer.from(field));
  return Buffer.concat([number(encoded.length), ...encoded.flatMap((bytes) => [number(bytes.length), bytes])]);
}

/** All that is asked about one link: the whole core once, and what the shipped module is asked by a page. */
function requestsOf(q) {
  const key = q.publicKey;
  const checks = ["0", "1"].flatMap((purpose) =>
    ["-", "", key].map((keys) => {
      const fields = [q.url, q.template, purpose, q.now, q.period, keys];
      return ["c", frame(fields), fields];
    }),
  );
  const emails = ["0", "1"].map((policy) => ["e", frame([q.address, policy]), [q.address, policy]]);
  const judge = frame([q.url, q.template, q.now, q.period, q.keyByte, q.secret, q.address, q.json]);
  return [["j", judge], ...checks, ...emails];
}

function askNative(requests) {
  const input = Buffer.concat(
    requests.flatMap(([name, request]) => {
      const size = Buffer.alloc(4);
      size.writeUInt32LE(request.length);
      return [Buffer.from(name), size, request];
    }),
  );
  const { stdout, stderr, status, error } = spawnSync(process.env.WAXSEAL_NATIVE_JUDGE, { input, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`the native judge failed (${status ?? error}): ${stderr}`);
  const answers = [];
  for (let at = 0; at < stdout.length;) {
    const end = at + 4 + stdout.readUInt32LE(at);
    answers.push(stdout.subarray(at, end));
    at = end;
  }
  return answers;
}

function askJudge({ exports, memory }, request) {
  const pointer = exports.waxseal_allocate(request.length);
  memory().set(request, pointer);
  const answer = exports.waxseal_judge(pointer, request.length);
  const bytes = Buffer.from(memory().subarray(answer, answer + 4 + memory().readUInt32LE(answer)));
  exports.waxseal_release(pointer);
  exports.waxseal_release(answer);
  return bytes;
}

function framed(fields) {
  const bytes = frame(fields);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** Asks the shipped module, and writes its answer as native_judge.cpp does. */
const shippedFunctions = {
  c: (shipped, [url, template, purpose, now, period, keys]) => {
    const answer = checkIn(shipped, {
      url,
      template,
      purpose: Number(purpose),
      now: Number(now),
      period: Number(period),
      keys: keys === "-" ? undefined : Buffer.from(keys),
    });
    const { status, authentic, unknownKey, missing, expiresAt } = answer;
    return framed([[status, authentic, unknownKey, missing, BigInt(expiresAt)].join(" "), ...answer.values]);
  },
  e: (shipped, [address, policy]) =>
    framed([acceptsEmail(shipped, address, Number(policy)) ? "accepted" : "refused"]),
};

const waxseal = await waxsealPackage.load();

/** What the package posts of the values of a link. JSON is the browser's there, and the core's own natively. */
async function posted({ user_id, email, timestamp, signature }) {
  let body;
  const fetch = async (_, init) => {
    ({ body } = init);
    return new Response("{}");
  };
  await waxseal.submit({ userId: user_id, email, timestamp, signature }, { endpoint: "https://backend-host/", fetch });
  return body;
}

/** How many links are posted as the native core writes them, and how many are not. */
async function comparePayloads(native) {
  const written = native.map((answer) => linesOf(answer).get("payload")).filter((line) => line !== undefined);
  const bodies = await Promise.all(written.map((payload) => posted(JSON.parse(payload))));
  const wrong = written.filter((payload, i) => payload !== bodies[i]);
  for (const payload of wrong.slice(0, 10)) console.error(`DIFFERENT payload: native ${payload}`);
  return { same: written.length - wrong.length, different: wrong.length };
}

const open = async (file) => openModule(await readFile(join(process.env.WAXSEAL_WASM_DIR, file)));
const shipped = await open("npm/dist/waxseal.wasm");
const judge = await open("tests/wasm/waxseal_judge.wasm");

function askWasm(requests) {
  return requests.map(([name, request, fields]) =>
    name === "j" ? askJudge(judge, request) : shippedFunctions[name](shipped, fields),
  );
}

/** Size, count, "ok" with its length, and the length of the report that follows. */
const bytesBeforeReport = 4 + 4 + (4 + 2) + 4;

/** The lines of a judge's answer, by name. A value with line breaks is cut; what is counted has none. */
function linesOf(answer) {
  return new Map(
    answer
      .toString("utf8", bytesBeforeReport)
      .split("\n")
      .map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
  );
}

/** Counts what one link came to: a scheme that accepts it, or the codes it was refused with. */
function count(counts, lines, question) {
  const add = (name) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const spelling =
    question.template.includes("{signature}") && lines.get("template") === "read" ? "template" : "parameters";
  const state = (keys) => lines.get(`check ${spelling} ${keys} keys, register-email`) ?? "";
  const isEd25519 =
    /^verified /.test(lines.get("verify register-email") ?? "") ||
    /^verified /.test(lines.get("verify undo-email") ?? "");
  const isDjango = lines.get("django") === "verified";
  const isReady = state("without").startsWith("ready");
  if (isReady && isEd25519) add("valid ed25519");
  if (isReady && isDjango) add("valid django");
  for (const code of new Set([state("with").split(" ")[1], state("without").split(" ")[1]])) {
    // A django link is always altered to a page with keys: that one does not count.
    if (code && code !== "-" && !(code === "link-altered" && isDjango)) add(code);
  }
  const refused = lines.get("verify register-email")?.startsWith("signature-invalid");
  if (refused && !isEd25519 && !isDjango) add("signature-invalid");
  for (const line of [lines.get("json"), lines.get("strict address")]) {
    const [code] = line?.split(" | ") ?? [];
    if (["parse-error", "invalid-fields"].includes(code)) add(code);
  }
}

function showDifference(question, name, native, wasm) {
  const [left, right] = [native, wasm].map((answer) => answer?.toString().split("\n") ?? []);
  const at = left.findIndex((line, i) => line !== right[i]);
  console.error(`DIFFERENT (${question.kind}, function ${name}) for ${JSON.stringify(question.url.toString())}`);
  console.error(`  native: ${left[at]}\n  wasm:   ${right[at]}`);
}

/** Counts into `counts`, and returns how many answers differ. */
function compare(questions, requests, native, wasm, counts) {
  let differences = Math.abs(native.length - requests.length);
  requests.forEach(([name, , , index], i) => {
    if (native[i] === undefined || !native[i].equals(wasm[i])) {
      if (++differences <= 10) showDifference(questions[index], name, native[i], wasm[i]);
    } else if (name === "j") {
      count(counts, linesOf(native[i]), questions[index]);
    }
  });
  return differences;
}

function shortfalls(counts) {
  const quotas = { "valid ed25519": linkCount * minValidShare, "valid django": linkCount * minValidShare };
  for (const code of [
    "link-malformed",
    "link-expired",
    "link-altered",
    "signature-invalid",
    "parse-error",
    "invalid-fields",
  ]) {
    quotas[code] = linkCount * minShareOfEachCode;
  }
  return Object.entries(quotas).filter(([name, least]) => {
    const found = counts.get(name) ?? 0;
    console.log(`  ${name}: ${found} (at least ${least})`);
    return found < least;
  });
}

const random = new Random(seed);
const counts = new Map();
let answers = 0;
let differences = 0;
let payloads = 0;
for (let left = linkCount; left > 0; left -= batchSize) {
  const questions = Array.from({ length: Math.min(left, batchSize) }, () => makeQuestion(random));
  const requests = questions.flatMap((question, index) =>
    requestsOf(question).map(([name, request, fields]) => [name, request, fields, index]),
  );
  const native = askNative(requests);
  differences += compare(questions, requests, native, askWasm(requests), counts);
  const { same, different } = await comparePayloads(native.filter((_, i) => requests[i]?.[0] === "j"));
  differences += different;
  payloads += same;
  answers += requests.length;
}
console.log(`seed ${seed}: ${linkCount} links, ${answers} answers of the native and of the WebAssembly core`);
const missed = shortfalls(counts);
console.log(`${payloads} payloads are posted as the native core writes them`);
console.log(`${differences} differences, ${missed.length} quotas missed`);
process.exitCode = answers > 0 && payloads > linkCount / 2 && differences === 0 && missed.length === 0 ? 0 : 1;
