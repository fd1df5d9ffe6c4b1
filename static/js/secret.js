// <button data-secret="id"> shows and hides a password field; it hides again before the form is sent.
const set = (button, input, shown) => {
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.setAttribute("aria-label", shown ? "Hide what is typed" : "Show what is typed");
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-secret]");
  const input = button && document.getElementById(button.dataset.secret);
  if (input) set(button, input, input.type === "password");
});

document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("[data-secret][aria-pressed='true']")) {
    set(button, document.getElementById(button.dataset.secret), false);
  }
});
