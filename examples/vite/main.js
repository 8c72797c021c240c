// The page behind the link, with the functions of the package. The element does the same and more: see ../plain-html.

import { load, WaxsealError } from "waxseal";
import { errorTexts } from "waxseal/error-texts";

const message = document.getElementById("message");
const confirm = document.getElementById("confirm");

const opened = location.href;
history.replaceState(null, "", "/"); // the link is a secret for as long as it works

try {
  const waxseal = await load({ keysUrl: "/.well-known/jwks.json" });
  const check = await waxseal.check(opened);
  if (check.status === "ready") ask(waxseal, check.link);
  else message.textContent = errorTexts[check.code].advice;
} catch (error) {
  const isNetwork = error instanceof WaxsealError && error.code === "network";
  message.textContent = isNetwork ? errorTexts.network.advice : "This browser cannot check the link. Try another one.";
}

function ask(waxseal, link) {
  message.textContent = `Use ${link.email} for your account?`;
  confirm.hidden = false;
  confirm.onclick = async () => {
    confirm.disabled = true;
    const outcome = await waxseal.submit(link, { endpoint: "/api/v1/accounts/" });
    const isDone = outcome.status === "verified" || outcome.status === "already-verified";
    message.textContent = isDone ? `${link.email} is confirmed.` : errorTexts[outcome.code].advice;
    confirm.hidden = !outcome.retryable;
    confirm.disabled = false;
  };
}
