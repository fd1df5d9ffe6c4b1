// <button data-copy="#id"> copies the text of an element and says so.
const write = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

const select = (source) => {
  const range = document.createRange();
  range.selectNodeContents(source);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.querySelector(button.dataset.copy);
  if (!source) return;
  const copied = await write(source.value ?? source.textContent);
  if (!copied) select(source);
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label.dataset.before ?? label.textContent;
  label.dataset.before = before;
  label.textContent = copied ? "Copied" : "Selected";
  button.setAttribute("data-copied", "");
  setTimeout(() => {
    label.textContent = before;
    button.removeAttribute("data-copied");
  }, 1800);
});
