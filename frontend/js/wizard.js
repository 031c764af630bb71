// A long form as screens, one after the other. Every field stays in the one form, so going back loses nothing;
// the browser's own back button goes back one screen.
import { icon, words } from "./words.js";

export function startWizard() {
  document.querySelectorAll("form[data-wizard]").forEach(build);
}

function build(form) {
  const steps = [...form.querySelectorAll("[data-step]")];
  const sends = [...form.querySelectorAll("button[type=submit], button:not([type])")].filter((button) => !button.closest("[data-step]"));
  const ends = [...form.querySelectorAll("[data-final]")];
  const bar = form.insertBefore(barOf(steps), steps[0]);
  const moves = document.createElement("div");
  moves.className = "two wizard-moves actions-stuck";
  const back = buttonOf(words.back, "btn btn-quiet", "chevron-left");
  const next = buttonOf(words.next, "btn btn-main");
  moves.append(back, next);
  steps.at(-1).after(moves);
  form.noValidate = true;
  let at = Math.max(0, steps.findIndex((step) => step.querySelector(".field-wrong, .field-error")));
  if (form.dataset.startAt) at = Math.min(Number(form.dataset.startAt) || 0, steps.length - 1);

  const show = (index, focus = true) => {
    at = index;
    steps.forEach((step, n) => (step.hidden = n !== at));
    const last = at === steps.length - 1;
    [...sends, ...ends].forEach((one) => (one.hidden = !last));
    next.hidden = last;
    back.hidden = at === 0;
    moves.hidden = last && at === 0;
    moves.classList.toggle("wizard-last", last);
    [...bar.children].forEach((item, n) => {
      item.toggleAttribute("data-done", n < at);
      if (n === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
    if (last) summarise(form, steps, go);
    steps[at].dispatchEvent(new CustomEvent("step:shown", { bubbles: true }));
    if (focus) {
      const head = steps[at].querySelector("legend, h1, h2") ?? steps[at];
      head.tabIndex = -1;
      head.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
  };
  const go = (index) => {
    if (index === at) return;
    history.pushState({ wizard: index }, "");
    show(index);
  };

  history.replaceState({ ...history.state, wizard: at }, "");
  window.addEventListener("popstate", (event) => {
    if (Number.isInteger(event.state?.wizard)) show(event.state.wizard);
  });
  next.addEventListener("click", () => complete(steps[at]) && go(at + 1));
  back.addEventListener("click", () => (history.state?.wizard > 0 ? history.back() : go(at - 1)));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input:not([type=checkbox]):not([type=radio])") || at === steps.length - 1) return;
    event.preventDefault();
    next.click();
  });
  form.addEventListener(
    "submit",
    (event) => {
      if (event.submitter?.formNoValidate) return;
      const wrong = steps.findIndex((step) => !fits(step));
      if (wrong < 0) return;
      event.preventDefault();
      event.stopPropagation();
      if (wrong !== at) go(wrong);
      complete(steps[wrong]);
    },
    true,
  );
  document.querySelectorAll(".error-summary a[href^='#']").forEach((link) => {
    link.addEventListener("click", () => {
      const index = steps.findIndex((step) => step.querySelector(link.getAttribute("href")));
      if (index >= 0 && index !== at) go(index);
    });
  });
  show(at, false);
}

function barOf(steps) {
  const bar = document.createElement("ol");
  bar.className = "wizard-bar";
  steps.forEach((step, n) => {
    const item = document.createElement("li");
    item.textContent = step.dataset.step;
    item.setAttribute("aria-label", `${words.step(n + 1, steps.length)} ${step.dataset.step}`);
    bar.append(item);
  });
  return bar;
}

function buttonOf(label, className, picture) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.innerHTML = picture ? icon(picture) : "";
  button.append(Object.assign(document.createElement("span"), { textContent: label }));
  return button;
}

const inputs = (step) => {
  step.querySelectorAll("[data-required-in-sight]").forEach((one) => (one.required = one.checkVisibility?.() ?? false));
  return [...step.querySelectorAll("input, select, textarea")].filter((one) => one.willValidate);
};
const fits = (step) => inputs(step).every((one) => one.validity.valid);

/** Say beside each field what is missing; true when nothing is. */
function complete(step) {
  step.querySelectorAll(".field-error[data-here]").forEach((one) => one.remove());
  const wrong = inputs(step).filter((one) => !one.validity.valid);
  const named = new Set();
  wrong.forEach((input) => {
    if (named.has(input.name)) return;
    named.add(input.name);
    const field = input.closest(".field") ?? input.parentElement;
    const message = document.createElement("p");
    message.className = "field-error";
    message.dataset.here = "";
    message.id = `m-${input.name.replace(/\W/g, "-")}`;
    message.innerHTML = icon("circle-alert", 18);
    message.append(Object.assign(document.createElement("span"), { textContent: input.validity.valueMissing ? words.missing : input.validationMessage }));
    (field.querySelector(".field-label") ?? field).after(message);
    input.setAttribute("aria-describedby", message.id);
    input.addEventListener("input", () => message.remove(), { once: true });
  });
  wrong[0]?.focus();
  return !wrong.length;
}

/** What was said so far, each with a way back to its screen. */
function summarise(form, steps, go) {
  const box = form.querySelector("[data-summary]");
  if (!box) return;
  const list = document.createElement("dl");
  list.className = "facts";
  steps.slice(0, -1).forEach((step, index) => {
    const said = [...step.querySelectorAll(".field")].map(valueOf).filter(Boolean);
    if (!said.length) return;
    const row = document.createElement("div");
    const term = Object.assign(document.createElement("dt"), { textContent: step.dataset.step });
    const value = document.createElement("dd");
    value.className = "split";
    const text = Object.assign(document.createElement("span"), { textContent: said.join(" · ") });
    text.lang = "zh-Hans";
    const change = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: words.change });
    change.addEventListener("click", () => go(index));
    value.append(text, change);
    row.append(term, value);
    list.append(row);
  });
  box.replaceChildren(list);
}

function valueOf(field) {
  if (field.closest("[hidden]:not([data-step])") || field.hidden) return "";
  const ticked = [...field.querySelectorAll("input:checked")].map((one) => one.getAttribute("aria-label") ?? one.closest("label")?.querySelector(".choice-words > span")?.textContent.trim());
  if (ticked.length) {
    const asked = field.querySelector(".field-label")?.firstChild.textContent.trim().replace(/[？?]$/, "");
    const bare = ticked[0].length <= 3 && field.matches(".choices-field") && /^(yes|no)$/.test(field.querySelector("input:checked").value);
    return bare && asked ? `${asked}${words.colon}${ticked[0]}` : ticked.join("、");
  }
  const input = field.querySelector("input:not([type=radio]):not([type=checkbox]):not([type=hidden]), select, textarea");
  if (!input || !input.value) return "";
  if (input.type === "file") return input.files.length ? `${field.querySelector(".field-label")?.firstChild.textContent.trim()} ${input.files.length}` : "";
  return input.selectedOptions ? input.selectedOptions[0].textContent.trim() : input.value.trim();
}
