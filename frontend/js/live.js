// Lists that keep themselves current: ask again every few seconds with the last ETag, swap only what changed,
// keep focus and scroll, rest while the page is hidden.
const started = new WeakSet();

export function startLive(root = document) {
  root.querySelectorAll("[data-live]").forEach((box) => {
    if (!started.has(box)) follow(box);
  });
}

function follow(box) {
  started.add(box);
  const every = (Number(box.dataset.every) || 5) * 1000;
  let tag = "";
  let seen = "";
  let pause = every;

  const ask = async () => {
    if (!box.isConnected) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(box.dataset.live, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
        if (answer.redirected || [401, 403, 404].includes(answer.status)) return;
        pause = every;
        if (answer.ok) {
          tag = answer.headers.get("ETag") ?? "";
          const text = await answer.text();
          if (text !== seen && !busy(box)) {
            if (seen || tag) swap(box, text);
            seen = text;
          } else if (text !== seen) tag = ""; // somebody works in it: ask for it once more
        }
      } catch {
        pause = Math.min(pause * 2, 60_000);
      }
    }
    setTimeout(ask, pause);
  };
  box.liveNow = ask;
  setTimeout(ask, every);
  document.addEventListener("visibilitychange", () => !document.hidden && box.isConnected && (pause = every));
}

/** True while somebody types, chooses or selects text inside: nothing may jump under their hands. */
function busy(box) {
  const active = document.activeElement;
  if (box.contains(active) && active.matches("input, textarea, select")) return true;
  if (box.querySelector("dialog[open], details.confirm[open], details.seal-fold[open]")) return true;
  const selection = document.getSelection();
  return Boolean(selection && !selection.isCollapsed && box.contains(selection.anchorNode));
}

export function swap(box, html) {
  const key = keyOf(document.activeElement, box);
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  if (fresh.innerHTML.replace(/\s+/g, " ").trim() === box.innerHTML.replace(/\s+/g, " ").trim()) return;
  const tops = [...box.querySelectorAll("[id]")].filter((one) => one.scrollTop).map((one) => [one.id, one.scrollTop]);
  box.replaceChildren(fresh.content);
  tops.forEach(([id, top]) => document.getElementById(id)?.scrollTo(0, top));
  if (key) [...box.querySelectorAll("a, button, summary")].find((one) => nameOf(one) === key)?.focus({ preventScroll: true });
  box.dispatchEvent(new CustomEvent("live:swap", { bubbles: true }));
}

const keyOf = (element, box) => (element && box.contains(element) ? nameOf(element) : "");
const nameOf = (element) => element.id || element.getAttribute("href") || element.closest("form")?.action + element.textContent.trim();
