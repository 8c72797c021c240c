/** The backend as these pages use it: the product's own route for a new address, and the demo's routes around it. */

export interface User {
  id: string;
  email: string;
}

export interface Account extends User {
  /** The address asked for and not confirmed yet. */
  pending: string | null;
}

export interface Mail {
  id: string;
  to: string;
  from: string;
  subject: string;
  date: string;
  text: string;
  has_html: boolean;
  /** The verification link in it, if it has one. */
  link: string | null;
}

export interface MadeLink {
  url: string;
  /** What the demo did to make this link, in a sentence. */
  explanation: string;
}

export type TroubleKind =
  | "expired"
  | "altered"
  | "truncated"
  | "used"
  | "older"
  | "changed"
  | "forged"
  | "cancelled"
  | "undone";

export interface Failure {
  /** A code of the backend, or "network". */
  code: string;
  message: string;
  /** What is wrong with which field of the form. */
  fields: Record<string, string[]>;
}

export type Answer<Value> = { ok: true; value: Value } | { ok: false; failure: Failure };

export const api = {
  users: () => request<{ users: User[] }>("GET", "/demo/api/users"),
  signIn: (userId: string) =>
    request<{ token: string; user: User }>("POST", "/demo/api/sign-in", { body: { user_id: userId } }),
  account: (token: string) => request<Account>("GET", "/demo/api/me", { token }),
  requestEmail: (token: string, email: string) =>
    request<{ detail: string }>("POST", "/api/v1/accounts/register-email/", { token, body: { email } }),
  inbox: () => request<{ mails: Mail[] }>("GET", "/demo/api/inbox"),
  makeLink: (userId: string, kind: TroubleKind) =>
    request<MadeLink>("POST", "/demo/api/links", { body: { user_id: userId, kind } }),
  mailHtmlAddress: (id: string) => `/demo/api/inbox/${encodeURIComponent(id)}/html`,
  mailSource: (id: string) => send("GET", `/demo/api/inbox/${encodeURIComponent(id)}/raw`),
};

interface RequestOptions {
  token?: string;
  body?: Record<string, string>;
}

async function request<Value>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<Value>> {
  const answer = await send(method, path, options);
  if (!answer.ok) return answer;
  const value = parseJson(answer.value);
  // The shapes are the backend's contract, held by its own tests: only that it is an object is looked at here.
  return value ? { ok: true, value: value as Value } : { ok: false, failure: unreadable };
}

async function send(method: string, path: string, options: RequestOptions = {}): Promise<Answer<string>> {
  const headers: Record<string, string> = {};
  if (options.token) headers["Authorization"] = `Token ${options.token}`;
  if (options.body) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(path, { method, headers, body: options.body ? JSON.stringify(options.body) : null });
    const text = await response.text();
    return response.ok ? { ok: true, value: text } : { ok: false, failure: readFailure(response, text) };
  } catch {
    return { ok: false, failure: unreachable };
  }
}

const unreachable: Failure = {
  code: "network",
  message: "The backend could not be reached. Is it still running?",
  fields: {},
};

const unreadable: Failure = {
  code: "internal",
  message: "The backend gave an answer that this page cannot read.",
  fields: {},
};

function readFailure(response: Response, text: string): Failure {
  const body = parseJson(text) ?? {};
  const fields: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(body)) {
    if (Array.isArray(value)) fields[name] = value.map(String);
  }
  return {
    code: response.headers.get("Waxseal-Code") ?? (typeof body["code"] === "string" ? body["code"] : "internal"),
    message: typeof body["detail"] === "string" ? body["detail"] : unreadable.message,
    fields,
  };
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
