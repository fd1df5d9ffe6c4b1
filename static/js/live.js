/* Keeps an operation's page live: one event stream, closed while the tab is hidden, continued where it stopped. */
const TRY_AGAIN = 10000;

const root = document.querySelector("[data-live]");

let source = null;
let lastId = Number(root.dataset.liveAfter) || 0;

function open() {
  if (source || document.hidden) return;
  source = new EventSource(`${root.dataset.live}?after=${lastId}`);
  source.addEventListener("change", change);
  source.addEventListener("open", () => tellLost(false));
  source.addEventListener("error", failed);
}

/* A browser comes back by itself after a broken connection, but not after a refusal: say so, and ask again later. */
function failed() {
  if (source?.readyState !== EventSource.CLOSED) return;
  close();
  tellLost(true);
  setTimeout(open, TRY_AGAIN);
}

function tellLost(lost) {
  const notice = document.getElementById("live-lost");
  if (notice) notice.hidden = !lost;
}

function close() {
  source?.close();
  source = null;
}

function change(event) {
  lastId = Number(event.lastEventId) || lastId;
  const before = state();
  const parsed = new DOMParser().parseFromString(event.data, "text/html");
  for (const element of [...parsed.body.children]) place(element);
  document.dispatchEvent(new CustomEvent("live:changed"));
  if (state() === before) return;
  if (before.startsWith("awaiting_approval")) location.reload();
  else refreshButtons();
}

function state() {
  const { state: word, parked } = document.getElementById("operation-head")?.dataset ?? {};
  return `${word} ${parked}`;
}

/* An element replaces the one with its id; a journal line that is new is added at the end. */
function place(element) {
  const old = document.getElementById(element.id);
  const fresh = document.importNode(element, true);
  if (old) old.replaceWith(fresh);
  else if (element.id.startsWith("journal-")) append(fresh);
}

function append(line) {
  const list = document.getElementById("journal");
  const box = list.parentElement;
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  list.append(line);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

/* Buttons follow the person's role, so they come with his own session, not over the stream. */
async function refreshButtons() {
  const old = document.getElementById("operation-buttons");
  const answer = await fetch(old.dataset.buttons, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const element of [...parsed.body.children]) place(element);
}

const box = document.getElementById("journal")?.parentElement;
if (box) box.scrollTop = box.scrollHeight;
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
open();
