// What a page does to confirm an address with each client, in the words of its documentation, and no more: what a bundler
// keeps of it is what the page loads.

export const programs = {
  waxseal: `
    import { load } from "waxseal";
    const waxseal = await load({ keysUrl: "https://backend.example/.well-known/jwks.json" });
    const check = await waxseal.check(location.href);
    if (check.status === "ready") await waxseal.submit(check.link, { endpoint: "https://backend.example/api/v1/accounts/" });`,
  "waxseal/element": `import "waxseal/element";`,
  "@teamhanko/hanko-frontend-sdk": `
    import { Hanko } from "@teamhanko/hanko-frontend-sdk";
    const state = await new Hanko("https://backend.example").createState("login");
    console.log(state.name);`,
  "@ory/client-fetch": `
    import { Configuration, FrontendApi } from "@ory/client-fetch";
    const [flow, token] = ["flow", "token"].map((name) => new URLSearchParams(location.search).get(name));
    const ory = new FrontendApi(new Configuration({ basePath: "https://backend.example" }));
    await ory.updateVerificationFlow({ flow, token, updateVerificationFlowBody: { method: "link" } });`,
  "better-auth": `
    import { createAuthClient } from "better-auth/client";
    const token = new URLSearchParams(location.search).get("token");
    await createAuthClient({ baseURL: "https://backend.example" }).verifyEmail({ query: { token } });`,
  "@supabase/supabase-js": `
    import { createClient } from "@supabase/supabase-js";
    const token_hash = new URLSearchParams(location.search).get("token_hash");
    await createClient("https://backend.example", "key").auth.verifyOtp({ token_hash, type: "email_change" });`,
  "@supabase/auth-js": `
    import { AuthClient } from "@supabase/auth-js";
    const token_hash = new URLSearchParams(location.search).get("token_hash");
    await new AuthClient({ url: "https://backend.example/auth/v1" }).verifyOtp({ token_hash, type: "email_change" });`,
  firebase: `
    import { initializeApp } from "firebase/app";
    import { applyActionCode, initializeAuth } from "firebase/auth";
    const code = new URLSearchParams(location.search).get("oobCode");
    await applyActionCode(initializeAuth(initializeApp({ apiKey: "key" })), code);`,
  "supertokens-web-js": `
    import SuperTokens from "supertokens-web-js";
    import EmailVerification, { verifyEmail } from "supertokens-web-js/recipe/emailverification";
    import Session from "supertokens-web-js/recipe/session";
    const appInfo = { appName: "app", apiDomain: "https://backend.example" };
    SuperTokens.init({ appInfo, recipeList: [EmailVerification.init(), Session.init()] });
    await verifyEmail();`,
  "libsodium-wrappers": `
    import sodium from "libsodium-wrappers";
    await sodium.ready;
    console.log(sodium.crypto_sign_verify_detached(new Uint8Array(64), location.href, new Uint8Array(32)));`,
};
