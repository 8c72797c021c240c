// The backend is reached through the server of the page, as behind one proxy: then there is no CORS to set up.
const proxy = { "/api": "http://127.0.0.1:8080", "/.well-known": "http://127.0.0.1:8080" };

const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'";

export default {
  optimizeDeps: { exclude: ["waxseal"] }, // or `vite dev` would not find waxseal.wasm
  server: { host: "127.0.0.1", port: 5173, proxy },
  preview: { host: "127.0.0.1", port: 4173, proxy, headers: { "Content-Security-Policy": policy } },
};
