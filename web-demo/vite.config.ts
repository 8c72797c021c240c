import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  build: {
    outDir: here("../build/web-demo"),
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
        "verify-email": here("verify-email/index.html"),
      },
    },
  },
});
