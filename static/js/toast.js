// Toasts go by themselves after a while, errors and warnings only when they are dismissed.
const STAY = 7000;

const leave = (toast) => {
  toast.classList.add("toast-leaving");
  setTimeout(() => toast.remove(), 240);
};

const arm = (toast) => {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "yes";
  if (toast.dataset.toast === "error" || toast.dataset.toast === "warning") return;
  let timer = setTimeout(() => leave(toast), STAY);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => (timer = setTimeout(() => leave(toast), STAY)));
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-toast-close]")) leave(event.target.closest("[data-toast]"));
});

const armAll = () => document.querySelectorAll("[data-toast]").forEach(arm);
document.addEventListener("htmx:afterSwap", armAll);
document.addEventListener("htmx:oobAfterSwap", armAll);
armAll();
