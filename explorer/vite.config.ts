// Builds the pages into dist/explorer, where the node finds them: hashed assets, each beside its gzip and brotli form, and a
// service worker that knows their names.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const OUTPUT = fromHere("../dist/explorer");
/** Below this a compressed form saves less than its header costs. */
const COMPRESS_BYTES_MIN = 400;
const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest)$/;

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

/** Writes the service worker with the list of assets: a new build has another list, so that browsers take it up. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    async generateBundle(_options, bundle) {
      const assets = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
      const template = await readFile(fromHere("./source/serviceWorker.js"), "utf8");
      const source = template.replace("__ASSETS__", JSON.stringify(assets.sort().map((name) => `/${name}`)));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    enforce: "post",
    async writeBundle(_options, bundle) {
      const names = [...Object.keys(bundle), "manifest.webmanifest", "icon.svg"].filter((name) =>
        COMPRESSIBLE.test(name),
      );
      await Promise.all(
        names.map(async (name) => {
          const path = join(OUTPUT, name);
          const bytes = await readFile(path);
          if (bytes.length >= COMPRESS_BYTES_MIN) {
            const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
            await writeFile(`${path}.br`, await brotliAsync(bytes, { params }));
            await writeFile(`${path}.gz`, await gzipAsync(bytes, { level: 9 }));
          }
        }),
      );
    },
  };
}

export default defineConfig({
  root: fromHere("."),
  resolve: {
    alias: {
      "ttchain/crypto": fromHere("../src/wasm/crypto.ts"),
      ttchain: fromHere("../src/client/index.ts"),
    },
  },
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    // The policy of the pages allows no inline script, which a polyfill would be.
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [fromHere("./index.html"), fromHere("./checkout.html")],
      external: ["ws"],
      treeshake: { moduleSideEffects: (id: string) => !id.includes("/src/") || id.includes("/explorer/") },
    },
  },
  server: { proxy: { "/v1": { target: "http://127.0.0.1:7070", ws: true } } },
  plugins: [serviceWorker(), precompress()],
});
