// Without a network: the page says so, an order waits on the phone, and leaves by itself when the network is back.
import { forget, kept, sendAll } from "./waiting.js";
import { words } from "./words.js";

const AGAIN = 20_000;
let busy = false;

export function startAway() {
  if (!("serviceWorker" in navigator) || !window.indexedDB) return;
  // only where something is ordered: a page of the desk lets go of an order with a last word that no worker may hold up
  if (document.querySelector("[data-offline-note], a[href^='/order/new']")) navigator.serviceWorker.register("/sw.js").catch(() => {});
  if (document.querySelector("[data-offline-page]")) navigator.serviceWorker.ready.then(keepPage).catch(() => {});
  const note = () => document.querySelectorAll("[data-offline-note]").forEach((one) => (one.hidden = navigator.onLine));
  window.addEventListener("offline", note);
  window.addEventListener("online", () => (note(), send()));
  document.addEventListener("visibilitychange", () => !document.hidden && send());
  setInterval(() => !document.hidden && send(), AGAIN);
  document.querySelectorAll("[data-send-now]").forEach((button) => button.addEventListener("click", () => send()));
  note();
  show().then(send);
}

/** Keep this very page on the phone: the first visit comes before the worker does. */
async function keepPage() {
  const name = (await caches.keys()).find((one) => one.startsWith("pages-"));
  if (name && navigator.onLine) await (await caches.open(name)).add(location.pathname + location.search);
}

async function send() {
  if (busy || !navigator.onLine) return;
  const before = (await kept().catch(() => [])).filter((one) => !one.wrong && !one.sent);
  if (!before.length) return show();
  busy = true;
  try {
    await sendAll();
  } catch {
    // later
  } finally {
    busy = false;
  }
  await show();
}

/** On the page for it: every order that waits, what came of it, what to do. Elsewhere: one line that leads there. */
async function show() {
  const all = await kept().catch(() => []);
  const list = document.querySelector("[data-waiting]");
  if (!list) return hint(all);
  list.replaceChildren(...all.map(row));
  document.querySelectorAll("[data-nothing-waits]").forEach((one) => (one.hidden = all.length > 0));
  document.querySelectorAll("[data-something-waits]").forEach((one) => (one.hidden = !all.some((order) => !order.sent && !order.wrong)));
}

function row(one) {
  const item = document.createElement("li");
  item.className = "card stack-sm";
  const words_ = one.fields.find(([name]) => name === "words")?.[1];
  const time = new Date(one.at).toLocaleString(document.documentElement.lang === "en" ? "en" : "zh-CN", { dateStyle: "medium", timeStyle: "short" });
  const head = Object.assign(document.createElement("p"), { className: "strong", textContent: one.sent ? words.sent : one.wrong ? words.wrong : words.waits });
  const what = Object.assign(document.createElement("p"), { className: "muted", textContent: [time, words_].filter(Boolean).join(" · ") });
  what.lang = "zh-Hans";
  const line = Object.assign(document.createElement("p"), { className: "line" });
  if (one.sent) line.append(follow(one));
  else if (one.wrong) line.append(link(words.complete, one.url), drop(one));
  else line.append(drop(one));
  item.append(head, what, line);
  return item;
}

function follow(one) {
  const to = link(words.follow, one.sent);
  to.addEventListener("click", () => forget(one.once));
  return to;
}

function link(label, href) {
  return Object.assign(document.createElement("a"), { className: "btn btn-main", href, textContent: label });
}

function drop(one) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet", textContent: words.drop });
  button.addEventListener("click", async () => {
    if (!window.confirm(words.dropSure)) return;
    await forget(one.once);
    show();
  });
  return button;
}

function hint(all) {
  document.querySelector("[data-away]")?.remove();
  if (!all.length) return;
  const sent = all.filter((one) => one.sent);
  const line = Object.assign(document.createElement("p"), { className: "away" });
  line.dataset.away = "";
  line.setAttribute("role", "status");
  line.append(Object.assign(document.createElement("a"), { href: "/offline", textContent: sent.length ? words.sentHint : words.waitHint(all.length) }));
  document.querySelector("main")?.before(line);
}
