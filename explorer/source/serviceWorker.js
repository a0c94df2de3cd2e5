// Keeps the pages usable without a network: the shell comes from the cache, the node's answers never do. Plain JavaScript, because
// it is written into the output as it stands; the build fills in the list.
const ASSETS = __ASSETS__;
const SHELL = ["/", "/manifest.webmanifest", "/icon.svg", "/icon-192.png", ...ASSETS];
const CACHE = `ttchain-${ASSETS.join("|")
  .replace(/[^A-Za-z0-9_-]/g, "")
  .slice(-200)}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SHELL))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const clean = caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(clean.then(() => self.clients.claim()));
});

// A page is asked of the node first, so that a new version shows at once; the cache stands in where no node answers.
async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      const cache = await caches.open(CACHE);
      await cache.put("/", answer.clone());
    }
    return answer;
  } catch {
    return (await caches.match("/")) ?? Response.error();
  }
}

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) {
    return;
  }
  if (/^\/(v1\/|checkout\/|metrics|healthz|readyz|openapi\.json)/.test(url.pathname)) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(request));
  } else if (SHELL.includes(url.pathname)) {
    event.respondWith(asset(request));
  }
});
