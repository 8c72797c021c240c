import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { acceptsEmail, openModule } from "./module.mjs";
import { packageFolder, signDjango, vectors, waxsealPackage } from "./support.mjs";

const waxseal = await waxsealPackage.load();
const module = await openModule(readFileSync(new URL("dist/waxseal.wasm", packageFolder)));

test("every recorded link reads back to exactly its values", async () => {
  const rows = vectors("signatures");
  assert.equal(rows.length, 120);
  for (const row of rows) {
    const check = await waxseal.check(row.url, { now: Number(row.timestamp) });
    assert.equal(check.status, "ready", row.url);
    const { userId, email, timestamp, signature } = check.link;
    assert.deepEqual(
      { user_id: userId, email, timestamp, signature },
      { user_id: row.user_id, email: row.email, timestamp: row.timestamp, signature: row.signature },
    );
    assert.equal(check.authentic, undefined);
  }
});

test("the test's own django signer signs as the recorded backend did", () => {
  for (const row of vectors("signatures")) assert.equal(signDjango(row.secret, row), row.signature, row.url);
});

/** What the page cannot know of an address: trimming and IDNA are the server's, and we refuse more on purpose. */
function isOnPurposeDifferent(email) {
  return /@\[.*\]$/.test(email) || new TextEncoder().encode(email).length > 254;
}
function isForServerAlone({ email }) {
  return typeof email !== "string" || email.trim() !== email || /[^\0-\x7f]/.test(email.slice(email.lastIndexOf("@")));
}

test("every recorded address that the page can judge is judged as recorded", () => {
  const rows = vectors("emails").filter((row) => !isForServerAlone(row));
  assert.ok(rows.length >= 60, `only ${rows.length} rows left`);
  for (const row of rows) {
    const accepted = row.accepted && !isOnPurposeDifferent(row.email);
    assert.equal(acceptsEmail(module, row.email, 1), accepted, JSON.stringify(row.email));
  }
});

test("the strict policy refuses quoted and non-ASCII local parts, and keeps a plain one", () => {
  assert.ok(acceptsEmail(module, "Ada.L@Example.com", 0));
  for (const email of ['"quoted"@example.com', "é@example.com", "a@localhost"]) {
    assert.ok(!acceptsEmail(module, email, 0), email);
  }
});
