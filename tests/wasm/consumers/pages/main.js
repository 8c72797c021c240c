// Both ways to use the package in one page: the functions, and the element with a language that is fetched.

import { load, WaxsealError } from "waxseal";

const url = location.href;

function show(id, text) {
  document.getElementById(id).textContent = text;
}

try {
  const waxseal = await load({ keysUrl: "/jwks.json" });
  const check = await waxseal.check(url, { now: 1_700_000_060 });
  if (check.status === "ready") show("address", check.link.email);
  await import("waxseal/element");
  show("status", check.status);
} catch (error) {
  show("status", error instanceof WaxsealError ? `error ${error.code}` : String(error));
}
