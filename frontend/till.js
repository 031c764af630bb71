// The till: before a code leaves, the network is asked. Without it the page says so and keeps what was typed; nothing is sent later.
const [away, back] = ["away", "back"].map((name) => document.querySelector(`[data-till-${name}]`));
const AGAIN = 4_000;
let waiting = 0;

for (const form of document.querySelectorAll("form[data-till]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.checked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await reachable())) return say(true);
    form.dataset.checked = "yes";
    form.requestSubmit();
  });
}
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-checked]").forEach((form) => delete form.dataset.checked));
window.addEventListener("offline", () => say(true));
if (away && !navigator.onLine) say(true);

function say(gone) {
  if (!away) return;
  away.hidden = !gone;
  back.hidden = gone;
  clearInterval(waiting);
  if (gone) waiting = setInterval(async () => (await reachable()) && say(false), AGAIN);
}

async function reachable() {
  if (!navigator.onLine) return false;
  const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout?.(5_000) }).catch(() => null);
  return Boolean(answer?.ok);
}
