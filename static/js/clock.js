// Keeps <time data-ago> and [data-since] true while the page stays open. Same words as pools/templatetags/ui.py.
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const two = (number) => String(number).padStart(2, "0");

const ago = (seconds) => {
  if (seconds < 5) return "just now";
  if (seconds >= DAY) return `${Math.floor(seconds / DAY)} d ago`;
  if (seconds >= HOUR) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds >= MINUTE) return `${Math.floor(seconds / MINUTE)} min ago`;
  return `${Math.floor(seconds)} s ago`;
};

const duration = (seconds) => {
  const whole = Math.floor(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${two(whole % MINUTE)} s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${two(Math.floor((whole % HOUR) / MINUTE))} min`;
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
};

// The server's clock counts: a browser whose clock is wrong must not show a step as older than it is.
const served = performance.timeOrigin;
const skew = document.querySelector("meta[name='server-time']")?.content;
const offset = skew ? Date.parse(skew) - served : 0;
const since = (moment) => Math.max(0, (Date.now() + offset - Date.parse(moment)) / 1000);

const show = (element, words) => {
  if (element.textContent !== words) element.textContent = words;
};

const tick = () => {
  for (const element of document.querySelectorAll("time[data-ago]")) show(element, ago(since(element.dateTime)));
  for (const element of document.querySelectorAll("[data-since]")) show(element, duration(since(element.dataset.since)));
};

setInterval(() => {
  if (!document.hidden) tick();
}, 1000);
