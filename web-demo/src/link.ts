/** The page that links open. It stands at two addresses: one confirms a new address, the other takes a change back. */

import { openLinkPage } from "./link_page";
import { verifyWords } from "./outcomes";
import { undoWords } from "./undo_outcomes";

if (location.pathname.startsWith("/undo-email/")) openLinkPage("undo-email", undoWords);
else openLinkPage("register-email", verifyWords);
