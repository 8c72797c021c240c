// A strict program that uses everything public, and pins the types: it compiles only if they are exactly these.

import { load, WaxsealError } from "waxseal";
import type {
  CheckOptions,
  ErrorCode,
  JsonWebKeySet,
  LinkCheck,
  LinkField,
  LinkValues,
  LoadOptions,
  Outcome,
  Purpose,
  SubmitOptions,
  VerificationLink,
  Waxseal,
  WaxsealErrorCode,
} from "waxseal";
import { errorTexts } from "waxseal/error-texts";
import { WaxsealVerifyEmail, type WaxsealState, type WaxsealStateDetail } from "waxseal/element";

/** Compiles only for one and the same type; `any` is the same as nothing but itself. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

same<Awaited<ReturnType<typeof load>>, Waxseal>(true);
same<Parameters<typeof load>[0], LoadOptions | undefined>(true);
same<LoadOptions["keys"], JsonWebKeySet | undefined>(true);
same<LoadOptions["keysUrl"], string | URL | undefined>(true);
same<ReturnType<Waxseal["check"]>, Promise<LinkCheck>>(true);
same<Parameters<Waxseal["check"]>[0], string | URL>(true);
same<Parameters<Waxseal["check"]>[1], CheckOptions | undefined>(true);
same<ReturnType<Waxseal["submit"]>, Promise<Outcome>>(true);
same<Parameters<Waxseal["submit"]>, [link: LinkValues, options: SubmitOptions]>(true);
same<CheckOptions["now"], Date | number | undefined>(true);
same<CheckOptions["period"], number | undefined>(true);
same<CheckOptions["purpose"], Purpose | undefined>(true);
same<CheckOptions["template"], string | undefined>(true);
same<Purpose, "register-email" | "undo-email">(true);
same<LinkCheck["status"], "ready" | "expired" | "altered" | "malformed">(true);
same<Extract<LinkCheck, { status: "ready" }>["authentic"], true | undefined>(true);
same<Extract<LinkCheck, { status: "altered" }>["authentic"], false>(true);
same<Extract<LinkCheck, { status: "malformed" }>["missing"], readonly LinkField[]>(true);
same<LinkField, "user_id" | "email" | "timestamp" | "signature">(true);
same<VerificationLink["issuedAt"], Date>(true);
same<VerificationLink["expiresAt"], Date>(true);
same<keyof VerificationLink, "userId" | "email" | "timestamp" | "signature" | "issuedAt" | "expiresAt">(true);
same<SubmitOptions["endpoint"], string | URL>(true);
same<SubmitOptions["signal"], AbortSignal | undefined>(true);
same<Outcome["status"], "verified" | "already-verified" | "rejected" | "unreachable">(true);
same<Outcome["code"], "verified" | ErrorCode>(true);
same<Outcome["retryable"], boolean>(true);
same<Outcome["retryAfter"], number | undefined>(true);
same<WaxsealErrorCode, "misuse" | "load-failed" | "network">(true);
same<WaxsealError["code"], WaxsealErrorCode>(true);
same<(typeof errorTexts)[ErrorCode]["advice"], string>(true);
same<WaxsealVerifyEmail["state"], WaxsealState>(true);
same<HTMLElementTagNameMap["waxseal-verify-email"], WaxsealVerifyEmail>(true);
same<HTMLElementEventMap["waxseal-verified"], CustomEvent<WaxsealStateDetail>>(true);

export async function page(): Promise<string> {
  try {
    const waxseal = await load({ keysUrl: "/jwks.json", wasm: new URL("https://app.example/waxseal.wasm") });
    const check = await waxseal.check(location.href, { period: 604_800 });
    if (check.status === "malformed") return check.missing.join();
    if (check.status !== "ready") return errorTexts[check.code].advice;
    const outcome = await waxseal.submit(check.link, { endpoint: "https://backend.example/api/v1/accounts/", timeoutMs: 5_000 });
    return outcome.code === "verified" ? check.link.email : errorTexts[outcome.code].detail;
  } catch (error) {
    return error instanceof WaxsealError ? error.code : "unknown";
  }
}

document.querySelector("waxseal-verify-email")?.addEventListener("waxseal-offline", ({ detail }) => {
  const outcome: Outcome | undefined = detail.outcome;
  console.log(outcome?.retryAfter, detail.check?.status);
});

// @ts-expect-error a link that was not looked at has no address
(check: LinkCheck) => check.link.email;
// @ts-expect-error an option that does not exist
(waxseal: Waxseal) => waxseal.check("", { perod: 1 });
// @ts-expect-error the endpoint is needed
(waxseal: Waxseal, link: LinkValues) => waxseal.submit(link, {});
// @ts-expect-error what submit says cannot be written
(outcome: Outcome) => (outcome.code = "verified");
