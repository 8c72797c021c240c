/** The home page: one of three demo accounts, and everything that can happen to its links. */

import { showAccount } from "./account";
import { showTroubles } from "./troubles";

showAccount();
showTroubles();

// Coming back with the browser's Back button may show a page that is older than the account.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
