/** How the element is brought into each of its states, and what is then to be seen. */

import { answers, element, expiredAgeS, freshLink } from "./site.mjs";

export const languages = ["de", "en", "es", "fr", "id", "pl", "pt-BR"];

const address = "new@example.com";
const verifyPath = "/api/v1/accounts/verify-email/";

/** Opens a genuine link, presses, and gets an answer. */
function pressed(state, answer, expected = {}) {
  return {
    posts: [verifyPath],
    ...expected,
    async reach(site, tab) {
      site.answer = answer;
      await tab.open(freshLink(site.origin), "ready");
      await tab.press();
      return tab.waitFor(state);
    },
  };
}

/** Opens a link that is told without asking. */
function opened(state, link, expected = {}) {
  return { ...expected, reach: (site, tab) => tab.open(link(site.origin), state) };
}

/** A state that lasts until it is let go. */
function waiting(state, prepare, expected) {
  const made = {
    ...expected,
    async reach(site, tab) {
      const answer = new Promise((resolve) => (made.release = () => resolve(answers.verified)));
      return prepare(site, tab, answer, state);
    },
  };
  return made;
}

export const states = {
  loading: waiting("loading", async (site, tab) => {
    // Keys that never come: the file is a promise of the API, so the request stays open.
    site.page = element({ "keys-url": "/slow.json" });
    await tab.page.setRequestInterception(true);
    tab.page.on("request", (request) => {
      if (!request.url().endsWith("/slow.json")) void request.continue();
    });
    return tab.open(freshLink(site.origin), "loading");
  }),
  ready: opened("ready", (origin) => freshLink(origin), { address, hasButton: true }),
  working: waiting(
    "working",
    async (site, tab, answer, state) => {
      site.answer = answer;
      await tab.open(freshLink(site.origin), "ready");
      await tab.press();
      return tab.waitFor(state);
    },
    { address, hasButton: true, posts: [verifyPath] },
  ),
  verified: pressed("verified", answers.verified, { address }),
  "already-verified": pressed("already-verified", answers["already-verified"], { address }),
  expired: opened("expired", (origin) => freshLink(origin, { ageS: expiredAgeS })),
  altered: opened("altered", (origin) => freshLink(origin, { changes: { email: "other@example.com" } })),
  incomplete: opened("incomplete", (origin) => `${origin}/?user_id=1`),
  superseded: pressed("superseded", answers.refused("link-superseded")),
  used: pressed("used", answers.refused("link-used")),
  cancelled: pressed("cancelled", answers.refused("link-cancelled")),
  undone: pressed("undone", answers.refused("change-undone"), { address }),
  taken: pressed("taken", answers.refused("email-already-registered")),
  refused: pressed("refused", answers.refused("user-not-found")),
  offline: pressed("offline", { status: 503, body: "" }, { address, hasButton: true }),
  unsupported: {
    isNoisy: true,
    reach(site, tab) {
      site.files.set("/dist/waxseal.wasm", { status: 404, body: "no" });
      return tab.open(freshLink(site.origin), "unsupported");
    },
  },
};
