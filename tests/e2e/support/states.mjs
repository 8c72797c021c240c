/** How to get a tab into each state of each page. What a healthy backend never answers is answered in its place. */

import { openMailTo } from "../round_trip.mjs";

const route = "/api/v1/accounts/verify-email/";
const refusals = [
  "signature-invalid",
  "signature-expired",
  "user-not-found",
  "link-superseded",
  "link-used",
  "link-cancelled",
  "change-undone",
  "email-already-registered",
  "already-verified",
  "rate-limited",
  "unavailable",
  "internal",
];
const undoRoute = "/api/v1/accounts/undo-email/";
const undoRefusals = [
  "signature-invalid",
  "signature-expired",
  "link-superseded",
  "link-cancelled",
  "change-undone",
  "email-already-registered",
];
const statuses = { "already-verified": 200, "rate-limited": 429, unavailable: 503, internal: 500 };

/**
 * @param {() => import("./server.mjs").DemoServer} demo  Called when a state is opened: the backend starts later.
 * @returns {{name: string, open: (tab: import("./browser.mjs").Tab) => Promise<void>, runsScripts?: false}[]}
 */
export function statesOf(demo) {
  return [
    ...homeStates(demo),
    ...inboxStates(demo),
    ...elementStates(demo),
    ...verifyStates(demo),
    ...refusedStates(demo),
    ...undoStates(demo),
    ...refusedUndoStates(demo),
  ];
}

function homeStates(demo) {
  const signIn = async (tab) => {
    await tab.open(demo().url);
    await tab.page.locator('[data-user="2"]').click();
    await tab.page.waitForSelector("#current-address");
  };
  const ask = async (tab, address) => {
    await signIn(tab);
    await tab.page.locator("#new-address").fill(address);
    await tab.page.locator('.new-address button[type="submit"]').click();
  };
  return [
    {
      name: "home-signed-out",
      open: async (tab) => {
        await tab.open(demo().url);
        await tab.page.waitForSelector(".person");
      },
    },
    { name: "home-signed-in", open: signIn },
    {
      name: "home-field-error",
      open: async (tab) => {
        await ask(tab, "grace.example.net");
        await tab.page.waitForSelector('[aria-invalid="true"]');
      },
    },
    {
      name: "home-pending",
      open: async (tab) => {
        await ask(tab, "grace.hopper@new-home.example");
        await tab.page.waitForSelector("#pending-address");
      },
    },
    {
      name: "home-unreachable",
      open: async (tab) => {
        await tab.answer("/demo/api/users", "unreachable");
        await tab.open(demo().url);
        await tab.page.waitForSelector("#account:not([aria-busy]) .button");
      },
    },
  ];
}

function elementStates(demo) {
  const open = (tab) => tab.open(`${demo().url}/element/`);
  const make = async (tab, button, shown) => {
    await open(tab);
    await tab.page.locator(button).click();
    await tab.page.waitForFunction((count) => document.querySelectorAll("waxseal-verify-email").length === count, {}, shown);
    await tab.page.waitForFunction(() => [...document.querySelectorAll("waxseal-verify-email")].every(({ state }) => state !== "loading"));
  };
  return [
    { name: "element-page", open },
    { name: "element-page-good-link", open: (tab) => make(tab, "#make-good", 1) },
    { name: "element-page-bad-links", open: (tab) => make(tab, "#make-bad", 9) },
  ];
}

function inboxStates(demo) {
  const openMail = async (tab) => {
    await demo().freshLink("3", "linus@new-home.example");
    await tab.open(`${demo().url}/inbox/`);
    await openMailTo(tab.page, "linus@new-home.example");
  };
  const openPart = (part) => async (tab) => {
    await openMail(tab);
    await tab.page.locator(`#tab-${part}`).click();
    await tab.page.waitForSelector(".mail-text");
  };
  return [
    {
      name: "inbox-empty",
      open: async (tab) => {
        await tab.answer("/demo/api/inbox", { status: 200, contentType: "application/json", body: '{"mails":[]}' });
        await tab.open(`${demo().url}/inbox/`);
        await tab.page.waitForSelector(".empty");
      },
    },
    {
      name: "inbox-list",
      open: async (tab) => {
        await demo().freshLink("3", "linus@new-home.example");
        await tab.open(`${demo().url}/inbox/`);
        await tab.page.waitForSelector("#mail-list a");
      },
    },
    {
      name: "inbox-mail",
      open: async (tab) => {
        await openMail(tab);
        const frame = await (await tab.page.waitForSelector(".mail-html")).contentFrame();
        await frame.waitForSelector("a");
      },
    },
    {
      name: "inbox-notice",
      open: async (tab) => {
        const { to } = await demo().freshUndoMail("3", `linus.${Date.now()}@new-home.example`);
        await tab.open(`${demo().url}/inbox/`);
        await openMailTo(tab.page, to);
        const frame = await (await tab.page.waitForSelector(".mail-html")).contentFrame();
        await frame.waitForSelector("a");
      },
    },
    { name: "inbox-text", open: openPart("text") },
    { name: "inbox-source", open: openPart("source") },
  ];
}

function verifyStates(demo) {
  const openTrouble = (kind, code) => ({
    name: `verify-${code}`,
    open: async (tab) => {
      const { url } = await demo().post("/demo/api/links", { user_id: "1", kind });
      await tab.open(url);
      await tab.waitForState(code);
    },
  });
  const note = {
    name: "verify-demo-note",
    open: async (tab) => {
      await tab.open(demo().url);
      await tab.page.locator('[data-kind="older"]').click();
      await tab.waitForState("ready");
    },
  };
  const held = (name, path) => ({
    name: `verify-${name}`,
    open: async (tab) => {
      await tab.answer(path, new Promise(() => undefined));
      await openReadyLink(demo(), tab, name === "loading" ? "loading" : "ready");
      if (name !== "loading") await tab.page.click("#confirm");
      await tab.waitForState(name);
    },
  });
  return [
    note,
    held("loading", "/.well-known/jwks.json"),
    { name: "verify-ready", open: (tab) => openReadyLink(demo(), tab, "ready") },
    held("working", route),
    {
      name: "verify-verified",
      open: async (tab) => {
        await openReadyLink(demo(), tab, "ready", `ada.${Date.now()}@new-home.example`);
        await tab.page.click("#confirm");
        await tab.waitForState("verified");
      },
    },
    openTrouble("expired", "link-expired"),
    openTrouble("altered", "link-altered"),
    openTrouble("truncated", "link-malformed"),
    {
      name: "verify-no-link",
      open: async (tab) => {
        await tab.open(`${demo().url}/verify-email/`);
        await tab.waitForState("no-link");
      },
    },
    {
      name: "verify-keys-unavailable",
      open: async (tab) => {
        await tab.answer("/.well-known/jwks.json", { status: 503, body: "{}" });
        await openReadyLink(demo(), tab, "keys-unavailable");
      },
    },
    {
      name: "verify-module-unavailable",
      open: async (tab) => {
        await tab.page.evaluateOnNewDocument(() => delete globalThis.WebAssembly);
        await openReadyLink(demo(), tab, "module-unavailable");
      },
    },
    {
      name: "verify-network",
      open: async (tab) => {
        await tab.answer(route, "unreachable");
        await pressReadyLink(demo(), tab, "network");
      },
    },
    {
      name: "verify-no-script",
      open: async (tab) => {
        await tab.page.setJavaScriptEnabled(false);
        await tab.open(`${demo().url}/verify-email/`);
        await tab.page.waitForSelector("noscript h1");
      },
      runsScripts: false,
    },
  ];
}

function refusedStates(demo) {
  return refusals.map((code) => ({
    name: `verify-${code}`,
    open: async (tab) => {
      await tab.answer(route, {
        status: statuses[code] ?? 400,
        headers: { "Waxseal-Code": code, ...(code === "rate-limited" && { "Retry-After": "40" }) },
        contentType: "application/json",
        body: JSON.stringify({ detail: code, code }),
      });
      await pressReadyLink(demo(), tab, code);
    },
  }));
}

function undoStates(demo) {
  const openReady = async (tab) => {
    await tab.open((await demo().freshUndoMail("2", `grace.${Date.now()}@new-home.example`)).link);
    await tab.waitForState("ready");
  };
  return [
    { name: "undo-ready", open: openReady },
    {
      name: "undo-working",
      open: async (tab) => {
        await tab.answer(undoRoute, new Promise(() => undefined));
        await openReady(tab);
        await tab.page.click("#confirm");
        await tab.waitForState("working");
      },
    },
    {
      name: "undo-verified",
      open: async (tab) => {
        await openReady(tab);
        await tab.page.click("#confirm");
        await tab.waitForState("verified");
      },
    },
    {
      name: "undo-no-link",
      open: async (tab) => {
        await tab.open(`${demo().url}/undo-email/`);
        await tab.waitForState("no-link");
      },
    },
    {
      name: "undo-link-altered",
      open: async (tab) => {
        await tab.open(`${demo().url}/undo-email/${new URL(await demo().freshLink("2", "other@example.net")).search}`);
        await tab.waitForState("link-altered");
      },
    },
    {
      name: "undo-link-expired",
      open: async (tab) => {
        // Over by more than the day within which the page leaves it to the server.
        const nineDaysMs = 9 * 24 * 3600 * 1000;
        await tab.page.evaluateOnNewDocument((ahead) => {
          const now = Date.now.bind(Date);
          Date.now = () => now() + ahead;
        }, nineDaysMs);
        await tab.open((await demo().freshUndoMail("2", `grace.${Date.now()}@new-home.example`)).link);
        await tab.waitForState("link-expired");
      },
    },
  ];
}

function refusedUndoStates(demo) {
  return undoRefusals.map((code) => ({
    name: `undo-${code}`,
    open: async (tab) => {
      await tab.answer(undoRoute, {
        status: 400,
        headers: { "Waxseal-Code": code },
        contentType: "application/json",
        body: JSON.stringify({ detail: code, code }),
      });
      await tab.open((await demo().freshUndoMail("2", `grace.${Date.now()}@new-home.example`)).link);
      await tab.waitForState("ready");
      await tab.page.click("#confirm");
      await tab.waitForState(code);
    },
  }));
}

async function openReadyLink(demo, tab, state, address = "ada.lovelace@new-home.example") {
  await tab.open(await demo.freshLink("1", address));
  await tab.waitForState(state);
}

async function pressReadyLink(demo, tab, state) {
  await openReadyLink(demo, tab, "ready");
  await tab.page.click("#confirm");
  await tab.waitForState(state);
}
