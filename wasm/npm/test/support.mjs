// What the tests of the package share: the finished package, the vectors, and the test's own way to sign and to write
// links, made from docs/link-format.md without a line of the core, so that the two check each other.

import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const repository = new URL("../../../", import.meta.url);

/** The folder of the finished package, as a `file:` URL with a final slash. */
export const packageFolder = process.env.WAXSEAL_PACKAGE
  ? pathToFileURL(`${process.env.WAXSEAL_PACKAGE}/`)
  : new URL("build/wasm/npm/", repository);

export const waxsealPackage = await import(new URL("dist/index.js", packageFolder));
export function vectors(name) {
  const text = readFileSync(new URL(`tests/vectors/${name}.jsonl`, repository), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** One Ed25519 key pair, from a seed byte. */
export class Ed25519Signer {
  constructor(seedByte) {
    const seed = Buffer.alloc(32, seedByte);
    const pkcs8Header = Buffer.from("302e020100300506032b657004220420", "hex"); // RFC 8410 section 7
    this.privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Header, seed]), format: "der", type: "pkcs8" });
    this.jwk = createPublicKey(this.privateKey).export({ format: "jwk" });
    const fingerprint = createHash("sha256").update(Buffer.from(this.jwk.x, "base64url")).digest();
    this.keyId = fingerprint.subarray(0, 4);
    /** As wasm/src/abi.hpp wants it. */
    this.publicKey = Buffer.concat([this.keyId, Buffer.from(this.jwk.x, "base64url")]);
  }

  sign({ user_id, email, timestamp }, { purpose = "register-email", version = 1, digest = Buffer.alloc(8) } = {}) {
    const versionBytes = bigEndian(version);
    const values = [user_id, email, timestamp].flatMap((value) => [
      bigEndian(Buffer.byteLength(value)),
      Buffer.from(value),
    ]);
    const message = Buffer.concat([Buffer.from(`waxseal/1\0${purpose}\0`), ...values, versionBytes, digest]);
    const signature = sign(null, message, this.privateKey);
    return Buffer.concat([Buffer.of(1), this.keyId, versionBytes, digest, signature]).toString("base64url");
  }
}

function bigEndian(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** What Django REST Registration signs: HMAC over Python's pickle, protocol 4, of the sorted pairs. */
export function signDjango(secret, values) {
  const key = createHash("sha256").update(`register-emailsigner${secret}`).digest();
  const pairs = ["email", "timestamp", "user_id"].flatMap((name) => [
    ...pickledString(name),
    ...pickledString(values[name]),
    Buffer.of(0x86, 0x94),
  ]);
  const body = Buffer.concat([Buffer.from("]\x94(", "latin1"), ...pairs, Buffer.from("e.")]);
  const header = Buffer.alloc(11);
  header.write("\x80\x04\x95", "latin1");
  header.writeBigUInt64LE(BigInt(body.length), 3);
  return createHmac("sha256", key).update(header).update(body).digest("base64url");
}

function pickledString(text) {
  const bytes = Buffer.from(text);
  const header = bytes.length < 256 ? Buffer.of(0x8c, bytes.length) : Buffer.alloc(5, "X");
  if (bytes.length >= 256) header.writeUInt32LE(bytes.length, 1);
  return [header, bytes, Buffer.of(0x94)];
}

export const fieldNames = ["user_id", "email", "timestamp", "signature"];

/** Percent-encodes as Python's `quote_plus` does. */
export function encodeValue(value) {
  return encodeURIComponent(value)
    .replace(/%20/g, "+")
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function linkUrl(values, base = "https://app.example/verify-email/?") {
  return base + fieldNames.map((name) => `${name}=${encodeValue(values[name])}`).join("&");
}

/** The Unix time at which the links of the tests are signed. */
export const issuedAt = 1_700_000_000;

export const signer = new Ed25519Signer(7);

/** A link that `signer` signed, as values. */
export function signedValues(changes = {}, options = {}) {
  const claims = { user_id: "1", email: "new@example.com", timestamp: String(issuedAt), ...changes };
  return { ...claims, signature: signer.sign(claims, options) };
}
