// A plan for the whole board: the button counts what is ticked, wishes say what the button does, news open by themselves.
import { words } from "./words.js";

export function startPlan() {
  const form = document.querySelector("[data-plan]");
  if (form) {
    const send = form.querySelector("[data-count] .btn-main");
    const label = send?.querySelector("span");
    const plain = label?.textContent;
    const tell = () => {
      const ticked = form.querySelectorAll("input[name=line]:checked").length;
      const wished = [...form.querySelectorAll("[data-wish]")].some((one) => one.value);
      if (!send) return;
      send.disabled = !ticked && !wished;
      label.textContent = wished ? words.planFirst : ticked ? words.sendTicked(ticked) : plain;
    };
    form.addEventListener("change", tell);
    tell();
  }
  document.addEventListener("live:swap", (event) => {
    if (event.target.matches?.("[data-plan-news]") && event.target.querySelector("[data-ready]")) location.reload();
  });
}
