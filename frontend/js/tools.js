// Small conveniences: copy, share, print, read aloud, and a first focus. Each shows itself only where it can work.
export function startTools() {
  document.querySelectorAll("[data-focus]").forEach((one) => one.focus());
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  document.querySelectorAll("[data-copy]").forEach(copying);
  document.querySelectorAll("[data-share]").forEach(sharing);
  document.querySelectorAll("[data-read]").forEach(reading);
}

function copying(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const label = button.querySelector("span");
  const before = label.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.done;
    setTimeout(() => (label.textContent = before), 2000);
  });
}

function sharing(button) {
  if (!navigator.share) return;
  button.hidden = false;
  const what = { title: button.dataset.title, url: new URL(button.dataset.share, location.href).href };
  button.addEventListener("click", () => navigator.share(what).catch(() => {}));
}

function reading(button) {
  const speech = window.speechSynthesis;
  if (!speech) return;
  const language = document.documentElement.lang === "en" ? "en" : "zh";
  const label = button.querySelector("span");
  const before = label.textContent;
  const voice = () => speech.getVoices().find((one) => one.lang.toLowerCase().startsWith(language));
  const offer = () => (button.hidden = !voice());
  const reset = () => {
    label.textContent = before;
    button.setAttribute("aria-pressed", "false");
  };
  offer();
  speech.addEventListener?.("voiceschanged", offer);
  button.addEventListener("click", () => {
    if (speech.speaking) return speech.cancel(), reset();
    const said = new SpeechSynthesisUtterance(textOf(document.querySelector(button.dataset.read) ?? document.body));
    said.voice = voice();
    said.lang = said.voice?.lang ?? language;
    said.rate = 0.9;
    said.addEventListener("end", reset);
    speech.speak(said);
    label.textContent = button.dataset.stop;
    button.setAttribute("aria-pressed", "true");
  });
  window.addEventListener("pagehide", () => speech.cancel());
}

function textOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("script, svg:not([aria-label]), [hidden], .no-read, .visually-hidden, .map, form:not([data-wizard])").forEach((one) => one.remove());
  return copy.textContent.replace(/\s*\n\s*/g, "。").replace(/。+/g, "。").trim();
}
