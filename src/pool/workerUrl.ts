// Where a worker's built file lies. Workers run JavaScript only: code that runs from src/ (under a test runner that compiles
// in memory) finds the built file in dist/, which `npm run build` makes; code that runs from dist/ finds its neighbour.

/** The URL of the built worker `file` beside the module `importerUrl` (its import.meta.url), such as "./verifyWorker.js". */
export function workerUrl(file: string, importerUrl: string): URL {
  const url = new URL(file, importerUrl);
  const at = importerUrl.endsWith(".ts") ? url.pathname.lastIndexOf("/src/") : -1;
  if (at >= 0) {
    url.pathname = `${url.pathname.slice(0, at)}/dist/${url.pathname.slice(at + "/src/".length)}`;
  }
  return url;
}
