// <a href="/a/page" data-dialog="id"> opens <dialog id>; without JavaScript the link leads to the page.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (event.target.closest("[data-dialog-close]")) {
    event.preventDefault();
    event.target.closest("dialog")?.close();
  }
  if (event.target.matches("dialog")) event.target.close();
});

// <input data-confirm-text="name"> unlocks its form's [data-confirm-button] when the text matches.
const unlock = (input) => {
  const button = input.form?.querySelector("[data-confirm-button]");
  if (button) button.disabled = input.value.trim() !== input.dataset.confirmText;
};

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-confirm-text]")) unlock(event.target);
});

document.querySelectorAll("[data-confirm-text]").forEach(unlock);
