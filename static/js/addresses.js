// Who types an address means Static: <input data-means-static="id of the select"> says so while nothing is chosen.
document.addEventListener("input", (event) => {
  const select = event.target.dataset.meansStatic && document.getElementById(event.target.dataset.meansStatic);
  if (select && select.value === "" && event.target.value !== "") select.value = "Static";
});
