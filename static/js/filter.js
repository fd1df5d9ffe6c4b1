// Search: <input type="search" data-filter="#id"> hides the [data-filter-row] of #id that lack the words,
// and each [data-filter-group] of which nothing is left; a closed one opens while there are words.
const search = (input) => {
  const target = document.querySelector(input.dataset.filter);
  if (!target) return;
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of target.querySelectorAll("[data-filter-row]")) {
    const text = (row.dataset.filterRow || row.textContent).toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) shown += 1;
  }
  for (const group of target.querySelectorAll("[data-filter-group]")) {
    group.hidden = !group.querySelector("[data-filter-row]:not([hidden])");
    if (group.matches("details") && (words.length > 0) !== "opened" in group.dataset) {
      group.open = group.toggleAttribute("data-opened");
    }
  }
  const none = document.querySelector(`[data-filter-none="${input.dataset.filter}"]`);
  if (none) none.hidden = shown > 0;
};

const apply = (element) => {
  if (element.matches?.("[data-filter]")) search(element);
};

document.addEventListener("input", (event) => apply(event.target));

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.metaKey || event.ctrlKey) return;
  const box = document.querySelector("[data-filter], [data-search]");
  if (!box) return;
  event.preventDefault();
  box.focus();
});

const applyAll = () => document.querySelectorAll("[data-filter]").forEach(apply);
document.addEventListener("htmx:afterSwap", applyAll);
applyAll();
