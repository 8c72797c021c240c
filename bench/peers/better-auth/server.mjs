// better-auth on Node's own HTTP server and SQLite, in WAL mode with synchronous=FULL, as Waxseal has it. Its rate limiter is
// off: it would refuse the load. Makes the users and, in the folder, verify.txt and altered.txt; then listens on a port that the
// system picks and says which one.
//
//   node server.mjs FOLDER USERS

import { createHmac } from "node:crypto";
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db";
import { toNodeHandler } from "better-auth/node";

const [folder, users] = [process.argv[2], Number(process.argv[3])];
const secret = "a-secret-of-this-benchmark-that-guards-nothing";
const database = new DatabaseSync(`${folder}/auth.db`);
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");

const options = {
  baseURL: "http://127.0.0.1",
  secret,
  database,
  rateLimit: { enabled: false },
  emailAndPassword: { enabled: true },
  emailVerification: { sendVerificationEmail: async () => {} },
  logger: { disabled: true },
};

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The JSON Web Token that better-auth would mail: HS256 over the address. */
function tokenOf(email) {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${base64url({ alg: "HS256" })}.${base64url({ email, iat: now, exp: now + 3600 })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

function makeUsers() {
  const insert = database.prepare(
    `INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 0, ?, ?)`);
  const verify = createWriteStream(`${folder}/verify.txt`);
  const altered = createWriteStream(`${folder}/altered.txt`);
  const now = new Date().toISOString();
  database.exec("BEGIN");
  for (let number = 1; number <= users; number++) {
    const email = `person${number}@site.example`;
    insert.run(String(number), "Person", email, now, now);
    const token = tokenOf(email);
    verify.write(`/api/auth/verify-email?token=${token}\t\t\n`);
    altered.write(`/api/auth/verify-email?token=${token.slice(0, -4)}AAAA\t\t\n`);
  }
  database.exec("COMMIT");
  return Promise.all([verify, altered].map((file) => new Promise((done) => file.end(done))));
}

if (users > 0) {
  await (await getMigrations(options)).runMigrations();
  await makeUsers();
  database.close(); // all of it is in the one file that is copied
  process.exit(0);
}
const server = createServer(toNodeHandler(betterAuth(options)));
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
