// Search as you type: rows carry what they are found by (characters, pinyin, initials) in data-search.
const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();

export function startFilters() {
  document.querySelectorAll("[data-filter]").forEach((input) => {
    const list = document.querySelector(input.dataset.filter);
    if (!list) return;
    input.closest("[data-by-script]")?.removeAttribute("hidden");
    const none = document.querySelector("[data-filter-none]");
    const apply = () => {
      const wanted = plain(input.value).split(" ").filter(Boolean);
      let left = 0;
      list.querySelectorAll("[data-search]").forEach((row) => {
        const text = plain(row.dataset.search);
        row.hidden = !wanted.every((word) => text.includes(word) || text.includes(word.replace(/'/g, "")));
        left += row.hidden ? 0 : 1;
      });
      list.querySelectorAll("[data-filter-group]").forEach((group) => {
        group.hidden = !group.querySelector("[data-search]:not([hidden])");
      });
      if (none) none.hidden = left > 0;
    };
    input.addEventListener("input", apply);
    if (input.value) apply();
  });
}
