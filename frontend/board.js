// The dispatcher's board: orders open beside the list without leaving it, the map follows, hands stay on the keys.
import { startLive } from "./js/live.js";
import { icon, words } from "./js/words.js";

const board = document.querySelector("[data-board]");
const panel = board.querySelector("[data-panel]");
const box = board.querySelector("[data-map]");
const rows = () => [...board.querySelectorAll("#rows > .item")];
const say = (name, detail) => box?.dispatchEvent(new CustomEvent(name, { detail }));

/* an order opens in the panel; its address is the page's address */
async function open(href, { push = true, focus = true } = {}) {
  letGo();
  const answer = await fetch(href, { headers: { "X-Panel": "1" }, cache: "no-store" }).catch(() => null);
  if (!answer || answer.redirected || !answer.ok) return location.assign(href);
  fill(await answer.text());
  if (push) history.pushState({ panel: true }, "", href);
  panel.scrollTop = 0;
  if (focus) panel.querySelector("h2")?.focus({ preventScroll: window.innerWidth > 1023 });
}

function fill(html) {
  panel.innerHTML = html.trim();
  ready();
}

function close(push = true) {
  const id = opened()?.dataset.id;
  letGo();
  panel.replaceChildren();
  if (push) history.pushState({}, "", board.querySelector(".tab[aria-current]")?.getAttribute("href") ?? "/board");
  ready();
  rows().find((row) => row.dataset.id === id)?.querySelector("a")?.focus();
}

const opened = () => panel.querySelector("[data-order]");

function letGo() {
  const held = panel.querySelector("[data-release]");
  const token = document.querySelector("[name=csrf_token]")?.value;
  if (held && token) navigator.sendBeacon(held.dataset.release, new URLSearchParams({ csrf_token: token }));
}

/* whatever was just put into the panel wakes up */
function ready() {
  startLive(panel);
  const id = opened()?.dataset.id ?? "";
  rows().forEach((row) => mark(row, row.dataset.id === id));
  const list = board.querySelector("#list");
  if (list?.dataset.live) {
    const address = new URL(list.dataset.live, location.href);
    if (opened()) address.searchParams.set("open", opened().dataset.order);
    else address.searchParams.delete("open");
    list.dataset.live = address.pathname + address.search;
  }
  say("map:choose", { id });
  panel.querySelectorAll("[data-pick]").forEach(picking);
  panel.querySelector("[data-focus]")?.focus();
}

function mark(row, on) {
  row.classList.toggle("item-on", on);
  const link = row.querySelector("a");
  if (on) link?.setAttribute("aria-current", "true");
  else link?.removeAttribute("aria-current");
}

/* the button names who will be asked; the map shows the way */
function picking(form) {
  const label = form.querySelector("[data-label]");
  const tell = () => {
    const chosen = [...form.querySelectorAll("input[name=team]:checked")].map((one) => one.closest(".candidate"));
    const button = label.closest("button");
    button.disabled = !chosen.length;
    if (chosen.length === 1) label.textContent = form.dataset.one.replace("§", chosen[0].dataset.name);
    if (chosen.length > 1) label.textContent = form.dataset.many.replace("§", chosen.length);
    const chances = form.querySelector("[data-chances]");
    if (chances && form.dataset.together) {
      const none = chosen.reduce((left, one) => left * (1 - Number(one.dataset.chance)), 1);
      chances.textContent = chosen.length ? form.dataset.together.replace("§", Math.min(99, Math.round(100 * (1 - none)))) : "";
    }
    const team = chosen.at(-1)?.dataset;
    say("map:line", team?.latitude ? { latitude: Number(team.latitude), longitude: Number(team.longitude), name: team.name } : null);
  };
  form.addEventListener("change", tell);
  tell();
}

board.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const row = event.target.closest("#rows .item-title, [data-panel-link]");
  if (row) {
    event.preventDefault();
    open(row.href);
  } else if (event.target.closest("[data-close]")) {
    event.preventDefault();
    close();
  }
});
board.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-panel-form]")) return;
  event.preventDefault();
  open(`${event.target.getAttribute("action")}?${new URLSearchParams(new FormData(event.target))}`, { focus: false }).then(() => panel.querySelector("[data-panel-form] input[type=search]")?.focus());
});
board.addEventListener("map:pin", (event) => open(event.detail.href));
board.addEventListener("map:ready", ready);
board.addEventListener("live:swap", () => rows().forEach((row) => mark(row, row.dataset.id === (opened()?.dataset.id ?? ""))));
window.addEventListener("popstate", () => (location.pathname.includes("/orders/") ? open(location.href, { push: false }) : close(false)));
window.addEventListener("pagehide", letGo);

/* j k Enter d x / ? Escape */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (event.key === "Escape") return typing ? event.target.blur() : document.querySelector("dialog[open]") ? null : opened() && close();
  if (typing) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key === "?") help();
  else {
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not([hidden])`);
    if (!target) return;
    if (target.matches("input")) target.focus();
    else target.click();
  }
  event.preventDefault();
});

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const from = at >= 0 ? at : all.findIndex((row) => row.classList.contains("item-on"));
  const next = all[Math.min(all.length - 1, Math.max(0, from + by))];
  next?.querySelector("a")?.focus();
  next?.scrollIntoView({ block: "nearest" });
  if (next) say("map:hover", { id: next.dataset.id });
}

function help() {
  let dialog = document.querySelector("dialog.sheet-dialog");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.className = "sheet-dialog stack";
    dialog.setAttribute("aria-label", words.help);
    dialog.innerHTML = `<h2></h2><p class="keys-help">${board.querySelector("[data-keys]")?.innerHTML ?? ""}</p><form method="dialog"><button class="btn btn-quiet" type="submit">${icon("x")}<span></span></button></form>`;
    dialog.querySelector("h2").textContent = words.help;
    dialog.querySelector("button span").textContent = words.close;
    document.body.append(dialog);
  }
  dialog.showModal();
}

board.querySelectorAll("[data-keys]").forEach((one) => (one.hidden = !window.matchMedia("(hover: hover) and (min-width: 1024px)").matches));
ready();
rows().find((row) => row.classList.contains("item-on"))?.scrollIntoView({ block: "nearest" }); // the opened one is in sight
