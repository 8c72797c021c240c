// Run by each runtime: `runtime.mjs CASE`, where CASE is JSON of a link, its keys and an API. Prints what came of it.

import { load } from "waxseal";
import { WaxsealVerifyEmail } from "waxseal/element";
import { errorTexts } from "waxseal/error-texts";

const [, , text] = process.argv;
const { url, keys, endpoint } = JSON.parse(text);

const waxseal = await load({ keys });
const options = { now: 1_700_000_060 };
const [genuine, forged] = await Promise.all([
  waxseal.check(url, options),
  waxseal.check(url.replace("new%40", "thief%40"), options),
]);
const outcome = await waxseal.submit(genuine.link, { endpoint });
console.log(
  JSON.stringify({
    genuine: [genuine.status, genuine.authentic, genuine.link.email],
    forged: [forged.status, errorTexts[forged.code] !== undefined],
    outcome: outcome.status,
    // Where there are no elements, importing one does no harm: a page may be rendered on a server.
    element: typeof WaxsealVerifyEmail,
  }),
);
