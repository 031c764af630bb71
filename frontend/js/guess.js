// While somebody writes in their own words: below the field appears what it may be, or whom to call. Nothing is kept anywhere.
const REST = 700; // ms without a key
const LEAST = 3;

export function startGuess() {
  const box = document.querySelector("[data-guess]");
  const field = box?.closest("form")?.querySelector("textarea[name=words]");
  if (!field) return;
  let asked = "";
  let turned = ""; // what was answered with no
  let timer = 0;

  const ask = async () => {
    const words = field.value.trim();
    if (words === asked || words === turned) return;
    asked = words;
    if (words.length < LEAST) return box.replaceChildren();
    const body = new FormData();
    body.append("words", words);
    body.append("csrf_token", field.form.elements.csrf_token.value);
    try {
      const answer = await fetch(box.dataset.guess, { method: "POST", body });
      if (answer.ok && asked === words) box.innerHTML = await answer.text();
    } catch {
      asked = ""; // without a network nobody guesses
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  });
  field.addEventListener("blur", ask);
  box.addEventListener("click", (event) => {
    if (!event.target.closest("[data-guess-no]")) return;
    turned = field.value.trim();
    box.replaceChildren();
    field.focus();
  });
  if (field.value.trim()) ask();
}
