// The random links of the differential test, signed and written here in JavaScript, without a line of the core.

import { Ed25519Signer, encodeValue, fieldNames, linkUrl, signDjango } from "../../wasm/npm/test/support.mjs";

const seedBytes = [1, 7, 42, 200];
const signers = new Map(seedBytes.map((byte) => [byte, new Ed25519Signer(byte)]));
const stranger = new Ed25519Signer(99);
const secrets = ["k", "clé-secrète-🔑", "x".repeat(200), "django-insecure-0123456789abcdef"];
const periods = [0, 60, 86_400, 604_800, 9_007_199_254_740_992];
const template = "https://app.example/#/verify/{user_id}/{email}/{timestamp}/{signature}";
const oddTemplates = [
  "https://app.example/{user_id}",
  "{user_id}",
  "https://a.example/{user_id}{email}/{timestamp}/{signature}",
  "x".repeat(4097),
];

const localCharacters = [..."abcxyzABC0189.!#$%&'*+-/=?^_`{|}~"];
const wildCharacters = [...localCharacters, ...' "\\<>@,;:éßñ文日🦊\u0130\u212a\u0000\r\n\ufeff'];

/** How often each kind of link is made. Everything below "django" is bad in one way. */
const kinds = {
  ed25519: 34,
  django: 34,
  expired: 5,
  changedValue: 6,
  changedSignature: 5,
  otherPurpose: 2,
  unknownKey: 3,
  oddTimestamp: 3,
  incomplete: 3,
  repeated: 1.5,
  notUtf8: 1.5,
  overlong: 1,
  noise: 1,
};

/** One question of the judge, by the names of differential_abi.cpp. */
export function makeQuestion(random) {
  const kind = random.pickWeighted(kinds);
  const period = random.pick(periods.slice(1));
  const timestamp = random.chance(0.9)
    ? random.between(1_000_000_000, 2_000_000_000)
    : random.between(-1_000_000, 1_000_000);
  const now = timestamp + (kind === "expired" ? period + random.between(1, 10) : random.between(-10, period));
  const setting = { keyByte: random.pick(seedBytes), secret: random.pick(secrets) };
  const spelling = random.chance(0.2) ? "template" : "parameters";

  const values = { user_id: userId(random), email: email(random), timestamp: String(timestamp) };
  if (kind === "oddTimestamp") values.timestamp = oddTimestamp(random);
  values.signature = signature(random, kind, setting, values);
  return {
    kind,
    url: damagedUrl(random, kind, damagedValues(random, kind, values), spelling),
    template: spelling === "template" ? template : random.chance(0.1) ? random.pick(oddTemplates) : "",
    now: String(Math.min(now, 2 ** 53)),
    period: String(kind === "expired" ? period : random.chance(0.05) ? periods.at(-1) : period),
    keyByte: Buffer.of(setting.keyByte),
    publicKey: signers.get(setting.keyByte).publicKey,
    secret: setting.secret,
    address: random.chance(0.5) ? values.email : address(random),
    json: json(random, values),
  };
}

function userId(random) {
  if (random.chance(0.5)) return String(random.between(1, 1_000_000));
  return random.chance(0.5) ? `u-${random.text(wildCharacters, 1, 12)}` : random.text([..."0123456789abcdef-"], 36, 36);
}

function email(random) {
  const local = random.chance(0.6)
    ? random.text(localCharacters, 1, 20)
    : random.text(wildCharacters, 1, random.pick([10, 80, 300]));
  return `${local}@${random.text([..."abcdefgh-"], 1, 12)}.example`;
}

/** Something that may or may not be an address. */
function address(random) {
  const domains = [
    "example.com",
    "EXAMPLE.Co.uk",
    "localhost",
    "LOCALHOST",
    "a",
    "-a.example",
    "1.2.3.4",
    "[127.0.0.1]",
    "bücher.example",
    "日本.jp",
    "a..b",
    `${"d".repeat(63)}.example`,
    `${"d".repeat(64)}.example`,
    "xn--bcher-kva.example",
    "a.1",
    "",
  ];
  const locals = [
    "ada",
    "Ada.L",
    ".a",
    "a.",
    "a..b",
    '"quoted"',
    '"a\\"b"',
    '"a b"',
    "é",
    "",
    "a\r\nb",
    "x".repeat(64),
    "x".repeat(65),
    "x".repeat(250),
  ];
  return random.chance(0.1) ? random.text(wildCharacters, 0, 30) : `${random.pick(locals)}@${random.pick(domains)}`;
}

function oddTimestamp(random) {
  return random.pick([
    "",
    "abc",
    "01",
    "+5",
    "-0",
    "1e9",
    "1.0",
    " 5",
    "5 ",
    "0x10",
    "9007199254740993",
    "-9007199254740993",
    "99999999999999999999",
    "9007199254740992",
    "٣",
  ]);
}

function signature(random, kind, { keyByte, secret }, values) {
  if (kind === "django" || (kind !== "ed25519" && kind !== "unknownKey" && random.chance(0.4)))
    return signDjango(secret, values);
  const options = { version: random.between(0, 2 ** 32 - 1), digest: random.bytes(8) };
  const signer = kind === "unknownKey" ? stranger : signers.get(keyByte);
  const isUndo = kind === "otherPurpose" || random.chance(0.1);
  return signer.sign(values, { ...options, purpose: isUndo ? "undo-email" : "register-email" });
}

function damagedValues(random, kind, values) {
  if (kind === "changedValue") {
    const name = random.pick(["user_id", "email", "timestamp"]);
    return {
      ...values,
      [name]:
        name === "timestamp"
          ? String(Number(values.timestamp) + 1)
          : `${values[name]}${random.pick(["x", " ", "é", "."])}`,
    };
  }
  if (kind === "changedSignature") return { ...values, signature: changedSignature(random, values.signature) };
  if (kind === "incomplete") return { ...values, [random.pick(fieldNames)]: "" };
  return values;
}

function changedSignature(random, text) {
  const at = random.between(0, text.length - 1);
  return random.pick([
    text.slice(0, at) + random.pick([..."ABCabc019-_"]) + text.slice(at + 1),
    text.slice(0, at),
    `${text}A`,
    `${text}=`,
    ` ${text}`,
    text.replace(/[-_]/g, "+"),
    text.repeat(3),
    random.bytes(81).toString("base64url"),
    Buffer.concat([Buffer.of(2), random.bytes(80)]).toString("base64url"),
  ]);
}

/** The link as text or, where it is to hold bytes that are no UTF-8, as bytes. */
function damagedUrl(random, kind, values, spelling) {
  const url = spelling === "template" ? templateUrl(values) : parameterUrl(random, values);
  switch (kind) {
    case "repeated":
      return `${url}&${random.pick(fieldNames)}=again`;
    case "notUtf8":
      return random.chance(0.5)
        ? url.replace(values.user_id, () => `${values.user_id}%${random.pick(["ff", "c0%80", "ed%a0%80", "f5"])}`)
        : Buffer.concat([Buffer.from(url), random.bytes(4)]);
    case "overlong":
      return `${url}&utm_source=${"x".repeat(random.pick([4000, 4096, 5000]))}`;
    case "noise":
      return random.chance(0.5) ? random.bytes(random.between(0, 200)) : random.text(wildCharacters, 0, 100);
    case "incomplete":
      return random.chance(0.3) ? url.slice(0, random.between(0, url.length)) : url;
    default:
      return url;
  }
}

function templateUrl(values) {
  return fieldNames.reduce((url, name) => url.replace(`{${name}}`, () => encodeURIComponent(values[name])), template);
}

function parameterUrl(random, values) {
  const base = random.pick([
    "https://app.example/verify-email/?",
    "https://app.example/verify#",
    "https://app.example/#/verify?",
    "https://a.example/?lang=de&",
    "",
  ]);
  let url = linkUrl(values, base);
  if (random.chance(0.2)) url = url.replaceAll("%40", "@").replaceAll("+", "%20");
  if (random.chance(0.1)) url = url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  if (random.chance(0.1)) url += `&utm_source=${encodeValue(random.text(wildCharacters, 0, 10))}`;
  return url;
}

function json(random, values) {
  const text = JSON.stringify(values);
  switch (random.between(0, 11)) {
    case 0:
      return text.slice(0, random.between(0, text.length - 1));
    case 1:
      return text.replace('"email":', '"user_id":"twice","email":');
    case 2:
      return JSON.stringify({
        ...values,
        [random.pick(fieldNames)]: random.pick([null, 5, "", [], {}, true, undefined]),
      });
    case 3:
      return random.pick([
        "",
        "null",
        "[]",
        "5",
        '"text"',
        "{}",
        "{",
        "\ufeff{}",
        `${"[".repeat(500)}`,
        `{"a":"${"x".repeat(70_000)}"}`,
        "NaN",
      ]);
    case 4:
      return random.bytes(random.between(0, 40));
    default:
      return JSON.stringify({ other: { deep: [1, 2.5, "é\u2028"] }, ...values });
  }
}
