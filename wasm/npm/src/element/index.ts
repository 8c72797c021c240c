/**
 * Defines `<waxseal-verify-email>`. Importing this is all that a page has to do; on a server it does nothing.
 *
 * @example
 * ```html
 * <script type="module" src="/node_modules/waxseal/dist/element/index.js"></script>
 * <waxseal-verify-email endpoint="https://backend-host/api/v1/accounts/" period="604800"
 *   keys-url="https://backend-host/.well-known/jwks.json"></waxseal-verify-email>
 * ```
 */

import { WaxsealVerifyEmail, type WaxsealStateDetail } from "./element.js";
import type { WaxsealState } from "./states.js";

export { WaxsealVerifyEmail, type WaxsealStateDetail } from "./element.js";
export type { WaxsealState } from "./states.js";

declare global {
  interface HTMLElementTagNameMap {
    "waxseal-verify-email": WaxsealVerifyEmail;
  }
  interface HTMLElementEventMap extends Record<`waxseal-${WaxsealState | "state"}`, CustomEvent<WaxsealStateDetail>> {}
}

const name = "waxseal-verify-email";
const registry = globalThis.customElements as CustomElementRegistry | undefined;
// Two copies of this file in one page are one too many, but no reason to break it.
if (registry && !registry.get(name)) registry.define(name, WaxsealVerifyEmail);
