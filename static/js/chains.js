// In the network matrix, what lies on one another is lit together: NICs, their bond, and the VLANs on it.
const grids = document.querySelectorAll("[data-chains]");

function light(grid, chain) {
  for (const cell of grid.querySelectorAll(".lit")) cell.classList.remove("lit");
  if (!chain) return;
  for (const cell of grid.querySelectorAll(`[data-chain="${CSS.escape(chain)}"]`)) cell.classList.add("lit");
}

for (const grid of grids) {
  const chainOf = (event) => event.target.closest?.("[data-chain]")?.dataset.chain;
  for (const name of ["mouseover", "focusin"]) grid.addEventListener(name, (event) => light(grid, chainOf(event)));
  for (const name of ["mouseleave", "focusout"]) grid.addEventListener(name, () => light(grid, ""));
}
