// Rings that count down to data-ends; words as the server says them.
import { words } from "./words.js";

const MINUTE = 60;
const HOUR = 3600;

export function startRings() {
  tick();
  setInterval(tick, 5000);
  document.addEventListener("live:swap", tick);
}

function tick() {
  document.querySelectorAll("svg[data-ends]").forEach((ring) => {
    const left = Math.max(0, (Date.parse(ring.dataset.ends) - Date.now()) / 1000);
    const share = Math.min(100, (left / Number(ring.dataset.total)) * 100) || 0;
    ring.querySelector(".ring-left").setAttribute("stroke-dasharray", `${share.toFixed(1)} 100`);
    ring.querySelector(".ring-words").textContent = short(left);
    ring.classList.toggle("ring-late", share < 25);
  });
}

function short(seconds) {
  if (seconds < 100 * MINUTE) return `${Math.round(seconds / MINUTE)}${words.minutes}`;
  if (seconds < 48 * HOUR) return `${Math.round(seconds / HOUR)}${words.hours}`;
  return `${Math.round(seconds / HOUR / 24)}${words.days}`;
}
