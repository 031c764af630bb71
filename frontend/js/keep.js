// Another language or larger print halfway through a form: what was typed comes along to the same page, once.
const NAME = "kept-form";
const OURS = new Set(["csrf_token", "once"]);
const fieldsOf = (form) => [...form.elements].filter((one) => one.name && one.type !== "file" && !OURS.has(one.name));

export function startKeep() {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const here = location.pathname + location.search;
  restore(form, here);
  document.addEventListener("submit", (event) => {
    const next = event.target.querySelector("input[name=next]");
    if (event.target === form || !next) return;
    const typed = fieldsOf(form).map((one) => (/^(radio|checkbox)$/.test(one.type) ? [one.name, one.value, one.checked] : [one.name, one.value]));
    try {
      sessionStorage.setItem(NAME, JSON.stringify({ here: next.value, typed, step: history.state?.wizard ?? 0 }));
    } catch {
      // a browser that keeps nothing
    }
  });
}

function restore(form, here) {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(NAME));
    sessionStorage.removeItem(NAME);
  } catch {
    return;
  }
  if (kept?.here !== here) return;
  kept.typed.forEach(([name, value, checked]) => {
    const same = fieldsOf(form).filter((one) => one.name === name);
    const field = checked === undefined ? same[0] : same.find((one) => one.value === value);
    if (!field) return;
    if (checked === undefined) field.value = value;
    else field.checked = checked;
    if (checked || (checked === undefined && value)) field.closest("details")?.toggleAttribute("open", true);
  });
  form.dataset.startAt = kept.step;
}
