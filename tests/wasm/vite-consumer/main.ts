import { load, WaxsealError } from "waxseal";

function show(id: string, text: string): void {
  document.getElementById(id)!.textContent = text;
}

try {
  const waxseal = await load({ keysUrl: "/jwks.json" });
  const check = await waxseal.check(location.href, { now: 1_700_000_060 });
  show("status", check.status);
  if (check.status === "ready") show("address", check.link.email);
} catch (error) {
  show("status", error instanceof WaxsealError ? `error ${error.code}` : String(error));
}
