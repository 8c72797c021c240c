import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const pages = here("../build/web-demo");

/** The page that links open, at its second address: src/link.ts tells by it what the link is for. */
const undoPage: Plugin = {
  name: "undo-page",
  closeBundle: () => cpSync(`${pages}/verify-email`, `${pages}/undo-email`, { recursive: true }),
};

export default defineConfig({
  plugins: [undoPage],
  build: {
    outDir: pages,
    emptyOutDir: true,
    target: "es2022",
    // Nothing as a data: address. The pages' Content-Security-Policy lets WebAssembly and styles come from 'self' only.
    assetsInlineLimit: 0,
    // One stylesheet for all pages.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        home: here("index.html"),
        inbox: here("inbox/index.html"),
        element: here("element/index.html"),
        "verify-email": here("verify-email/index.html"),
      },
    },
  },
});
