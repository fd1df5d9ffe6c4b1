// <input type="checkbox" data-select-all="name"> ticks all boxes of that name in its form; [data-selected-count] counts.
const boxesOf = (all) => {
  const scope = all.closest("form, table, [data-select-scope]") ?? document;
  const boxes = [...scope.querySelectorAll(`input[type="checkbox"][name="${all.dataset.selectAll}"]`)];
  return boxes.filter((box) => !box.disabled && !box.closest("[hidden]"));
};

const refresh = (all) => {
  const boxes = boxesOf(all);
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
  const scope = all.closest("form, [data-select-scope]") ?? document;
  for (const count of scope.querySelectorAll("[data-selected-count]")) count.textContent = String(ticked);
  for (const part of scope.querySelectorAll("[data-needs-selection]")) part.disabled = ticked === 0;
};

document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-select-all]");
  if (all) boxesOf(all).forEach((box) => (box.checked = all.checked));
  document.querySelectorAll("[data-select-all]").forEach(refresh);
});

document.querySelectorAll("[data-select-all]").forEach(refresh);
