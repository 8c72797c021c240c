/** A site with `<waxseal-verify-email>`: static pages under a strict policy, the keys, and an API whose answers a test sets. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

import { linkUrl, packageFolder, signedValues, signer } from "../../../wasm/npm/test/support.mjs";

export const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; base-uri 'none'";

const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
const period = 604_800;

/** What the API answers; the codes and details are those of docs/http-api.md. */
export const answers = {
  verified: { status: 200, body: { detail: "Email verified successfully", code: "verified" } },
  undone: { status: 200, body: { detail: "Email change undone" } },
  "already-verified": { status: 200, body: { detail: "Email verified successfully", code: "already-verified" } },
  refused: (code, detail = "No.") => ({ status: 400, body: { detail, code } }),
};

/** The element as a page writes it. */
export function element(attributes = {}, content = "") {
  const all = { endpoint: "/api/v1/accounts/", "keys-url": "/jwks.json", lang: "en", ...attributes };
  const written = Object.entries(all).map(([name, value]) => (value === undefined ? "" : ` ${name}="${value}"`));
  return `<waxseal-verify-email${written.join("")}>${content}</waxseal-verify-email>`;
}

/** A link that `signer` signed: just now, or `ageS` seconds ago. */
export function freshLink(origin, { ageS = 60, changes = {}, purpose = "register-email" } = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000) - ageS);
  return linkUrl({ ...signedValues({ timestamp }, { purpose }), ...changes }, `${origin}/?`);
}

export const expiredAgeS = period + 2 * 86_400;

/** @returns {Promise<ElementSite>} Listening. */
export async function startSite() {
  const site = new ElementSite();
  await site.start();
  return site;
}

export class ElementSite {
  #server = createServer((request, response) => void this.#respond(request, response));
  posts = [];

  constructor() {
    this.reset();
  }

  /** Back to a page with one element, and an API that verifies. */
  reset() {
    this.posts = [];
    this.page = element();
    this.headers = { "Content-Security-Policy": strictPolicy };
    this.answer = answers.verified;
    /** In the place of a file, by its path: `{ status, headers, body }`, or a promise of them. */
    this.files = new Map();
  }

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #respond(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    if (request.method === "POST") {
      const chunks = await request.toArray();
      this.posts.push({ path: pathname, body: JSON.parse(Buffer.concat(chunks).toString()) });
      return send(response, await this.answer);
    }
    const own = this.files.get(pathname);
    if (own) return send(response, await own);
    if (pathname === "/style.css") return send(response, { headers: { "Content-Type": "text/css" }, body: "" });
    if (pathname === "/jwks.json") return send(response, { body: { keys: [signer.jwk] } });
    if (pathname.startsWith("/dist/")) return this.#sendFile(response, pathname);
    if (pathname !== "/") return send(response, { status: 404, body: {} });
    response.shouldKeepAlive = false;
    response.writeHead(200, { ...this.headers, "Content-Type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><head><title>Confirm</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <link rel="stylesheet" href="/style.css">
      <script type="module" src="/dist/element/index.js"></script></head>
      <body><main><h1>Example</h1>${this.page}</main></body></html>`);
  }

  async #sendFile(response, pathname) {
    try {
      const body = await readFile(new URL(`.${pathname}`, packageFolder));
      send(response, { headers: { "Content-Type": types[extname(pathname)] }, body });
    } catch {
      send(response, { status: 404, body: {} });
    }
  }
}

function send(response, { status = 200, headers = {}, body }) {
  // A browser sends a POST again by itself when a connection that was used before breaks. Here none is used twice.
  response.shouldKeepAlive = false;
  if (status === "cut") return response.destroy();
  const isJson = typeof body === "object" && !Buffer.isBuffer(body);
  response.writeHead(status, { "Content-Type": isJson ? "application/json" : "text/html", ...headers });
  response.end(isJson ? JSON.stringify(body) : body);
}
