// A form whose answer is shown while somebody still writes: asked for a moment after the last change, the latest answer counts.
const PAUSE = 700;

export function startPreview(root = document) {
  root.querySelectorAll("form[data-preview]").forEach((form) => {
    const into = document.querySelector(form.dataset.into);
    let timer = 0;
    let turn = 0;
    const show = async () => {
      const mine = ++turn;
      into.setAttribute("aria-busy", "true");
      const sent = { method: "POST", body: new FormData(form), headers: { "X-Fragment": "1" } };
      const answer = await fetch(form.dataset.preview, sent).catch(() => null);
      if (mine !== turn) return;
      into.removeAttribute("aria-busy");
      if (answer && !answer.redirected && (answer.ok || answer.status === 422)) into.innerHTML = await answer.text();
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    });
  });
}
