// The service worker: the order form opens without a network, and an order that cannot leave waits on the phone.
// ASSETS and VERSION stand above this file when it is served. Nothing that names a person is ever kept here.
import { keep, sendAll } from "./js/waiting.js";

/* global ASSETS, VERSION */
const CACHE = `pages-${VERSION}`;
const AWAY = "/offline";
const FORMS = ["/order/new", "/order/new?own=1"];

self.addEventListener("install", (event) => {
  // what the board says when its page is left must not wait for this worker
  if (self.URLPattern) event.addRoutes?.({ condition: { urlPattern: new URLPattern({ pathname: "/board/*" }) }, source: "network" });
  const anonymous = [AWAY, ...FORMS].map((path) => new Request(path, { credentials: "omit" }));
  event.waitUntil(caches.open(CACHE).then((cache) => Promise.all([...anonymous, ...ASSETS].map((one) => cache.add(one).catch(() => {})))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "GET" && url.pathname.startsWith("/static/")) event.respondWith(asset(request));
  else if (request.mode !== "navigate") return;
  else if (request.method === "POST" && url.pathname === "/logout") event.waitUntil(forgetOwn());
  else if (request.method === "POST" && url.pathname === "/order/new") event.respondWith(order(request));
  else if (request.method === "GET") event.respondWith(page(request, url));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "orders") event.waitUntil(sendAll());
});

async function asset(request) {
  const found = await caches.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && new URL(request.url).searchParams.has("v")) (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
}

async function page(request, url) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.headers.get("X-Offline") === "keep") (await caches.open(CACHE)).put(url.pathname + url.search, answer.clone());
    return answer;
  } catch (error) {
    const found = await caches.match(url.pathname + url.search);
    const form = url.pathname === "/order/new" && url.searchParams.has("item") ? await caches.match("/order/new?own=1") : null;
    return found ?? form ?? (await caches.match(AWAY)) ?? Promise.reject(error);
  }
}

/** Codes of gifts go with whoever logs out. */
async function forgetOwn() {
  const cache = await caches.open(CACHE);
  const kept = (await cache.keys()).filter((one) => new URL(one.url).pathname.startsWith("/shop/"));
  await Promise.all(kept.map((one) => cache.delete(one)));
}

async function order(request) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    await keep(new URL(request.url).pathname + new URL(request.url).search, await copy.formData());
    await self.registration.sync?.register("orders").catch(() => {});
    return Response.redirect(AWAY, 303);
  }
}
