// A cell of the grid explains itself: pointing at it, focusing it or tapping it shows what its card says.
// Without this, the cell's link leads to the card.
const box = document.getElementById("cell-explain");
const LINGER = 180;
const GAP = 6;
let shown = null;
let leaving = 0;

const text = (tag, words, css = "") => {
  const element = document.createElement(tag);
  element.textContent = words;
  element.className = css;
  return element;
};

const fill = (link) => {
  const card = document.querySelector(link.hash);
  const cell = link.closest("td");
  const row = cell.parentElement;
  const column = [...row.cells].indexOf(cell);
  const table = row.closest("table");
  const server = table.tHead.rows[0].cells[column].title;
  const parts = [
    text("p", `${server}: ${row.cells[0].firstChild.textContent.trim()}`, "small muted"),
    text("h3", card.querySelector("h3").textContent),
  ];
  const compared = card.querySelector(".compare");
  if (compared) parts.push(compared.cloneNode(true));
  if (cell.matches(".stops-here")) parts.push(text("p", "XAPI would stop here, and tell you only this one.", "small"));
  const foot = text("div", "", "cell-explain-foot");
  const more = text("a", "What to do");
  more.href = link.hash;
  foot.append(more);
  const again = table.tFoot?.rows[0].cells[column].querySelector("button");
  if (again) {
    const button = text("button", "Read this server again", "button button-small");
    button.name = again.name;
    button.value = again.value;
    foot.append(button);
  }
  box.replaceChildren(...parts, foot);
};

const place = (link) => {
  const at = link.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.min(Math.max(at.left + at.width / 2 - width / 2, 8), innerWidth - width - 8);
  const below = at.bottom + GAP;
  const top = below + height + 8 > innerHeight ? Math.max(8, at.top - GAP - height) : below;
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
};

const hide = () => {
  clearTimeout(leaving);
  shown?.removeAttribute("aria-describedby");
  shown = null;
  if (box.matches(":popover-open")) box.hidePopover();
};

const show = (link) => {
  clearTimeout(leaving);
  if (shown === link || !document.querySelector(link.hash)) return;
  hide();
  fill(link);
  shown = link;
  link.setAttribute("aria-describedby", box.id);
  box.showPopover();
  place(link);
};

const leave = () => {
  clearTimeout(leaving);
  leaving = setTimeout(hide, LINGER);
};

const within = (event) => event.target.closest?.(".cell-link, #cell-explain");

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const here = within(event);
  if (here?.matches(".cell-link")) show(here);
  else if (here) clearTimeout(leaving);
  else if (shown) leave();
});

document.addEventListener("focusin", (event) => {
  const here = within(event);
  if (here?.matches(".cell-link")) show(here);
  else if (!here) hide();
});

// The first tap explains; the link in the explanation leads on. A mouse or the keyboard follow the link at once.
let touched = false;
document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch";
  if (!within(event)) hide();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest(".cell-link");
  if (link && touched) {
    event.preventDefault();
    show(link);
  } else if (event.target.closest("a")) hide();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
document.addEventListener("htmx:beforeSwap", hide);
document.addEventListener("scroll", (event) => event.target !== box && hide(), true);
