// "/" goes to the search of all staff, where the page has no "/" of its own and nobody is typing.
export function startSearch() {
  const field = document.querySelector("[data-site-search]");
  if (!field) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (document.querySelector('[data-key="/"]') || !field.checkVisibility?.()) return;
    event.preventDefault();
    field.focus();
  });
}
