// Clocks that run: the active item's, a speaker's, and the forecast of the end. A region carries only instants and
// durations, never "now"; what stands there without this script is planned and since when.
//
//   <p data-clock data-planned="900" data-used="0" data-since="2026-11-19T08:42:00+00:00">planned 15 min</p>
//   <time data-clock-end data-rest="1200" data-planned data-used data-since>10:55</time>   (the same three of the item)
//   <p data-clock-late data-due="…" data-rest data-planned data-used data-since hidden>…</p>
//
// Minutes, and seconds only in the last one; a colour and a word when the time is over, and nothing that makes a noise.
// Screen readers find a text that changes with the minute and is never read out by itself.
import { page, text } from "./page.js";
import { allIn, onRendered } from "./render.js";

const SELECTOR = "[data-clock],[data-clock-end],[data-clock-late]";
const hourAndMinute = new Intl.DateTimeFormat(page.language, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: page.timeZone,
});
const offset = offsetToServer();

/** Now by the server's clock: a tablet that goes five minutes wrong shows the same as the projector. */
export const serverNow = () => Date.now() + offset;

function offsetToServer() {
  // JavaScript knows milliseconds only.
  const there = Date.parse(page.serverNow.replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isNaN(there)) return 0;
  const arrived = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
  return there - (performance.timeOrigin + arrived);
}

const seconds = (element, name) => Number(element.dataset[name] || 0);
const since = (element) => Date.parse(element.dataset.since || "");

/** Seconds used so far: the earlier stretches and the present one. */
function usedNow(element, now) {
  const began = since(element);
  const running = Number.isNaN(began) ? 0 : Math.max(0, (now - began) / 1000);
  return seconds(element, "used") + running;
}

function endNow(element, now) {
  const left = Number.isNaN(since(element)) ? 0 : seconds(element, "planned") - usedNow(element, now);
  return now + (Math.max(0, left) + seconds(element, "rest")) * 1000;
}

function tick(element, now) {
  if ("clockStill" in element.dataset) return;
  if ("clockEnd" in element.dataset) showEnd(element, now);
  else if ("clockLate" in element.dataset) showLate(element, now);
  else showClock(element, now);
}

function showEnd(element, now) {
  const end = endNow(element, now);
  write(element, hourAndMinute.format(end));
  const due = Date.parse(element.dataset.due || "");
  element.classList.toggle("is-late", end - due >= 60_000);
}

function showLate(element, now) {
  const late = Math.round((endNow(element, now) - Date.parse(element.dataset.due || "")) / 60_000);
  element.hidden = !(late >= 1);
  if (late >= 1) write(element, late === 1 ? text("clock-late-one") : text("clock-late", { n: late }));
}

function showClock(element, now) {
  const planned = seconds(element, "planned");
  const used = usedNow(element, now);
  const left = planned - used;
  const [seen, heard] = planned ? wordsOfRest(left) : ["", ""];
  const minutes = Math.floor(used / 60);
  const total = text(planned ? "clock-used" : "clock-free", { used: minutes, planned: Math.round(planned / 60) });
  const parts = partsOf(element);
  write(parts.left, seen);
  write(parts.used, total);
  write(parts.heard, [heard, total].filter(Boolean).join(", "));
  element.classList.toggle("is-over", planned > 0 && left <= 0);
  fill(parts.bar, Math.min(1000, Math.round((1000 * used) / planned) || 0));
}

/** What is left, as it is seen and as it is heard. */
function wordsOfRest(left) {
  if (left <= -60) return both(text("clock-over", { over: Math.floor(-left / 60) }));
  if (left <= 0) return both(text("clock-out"));
  if (left > 60) return both(text("clock-left", { left: Math.ceil(left / 60) }));
  const rest = `0:${String(Math.ceil(left) % 60).padStart(2, "0")}`;
  return [text("clock-last", { left: left > 59 ? "1:00" : rest }), text("clock-almost")];
}

const both = (words) => [words, words];

// A morph of the region has put the server's text back: then the parts are made anew, in the same turn.
function partsOf(element) {
  if (!element.querySelector("[data-part]")) element.replaceChildren(...["left", "used", "heard", "bar"].map(makePart));
  return Object.fromEntries([...element.children].map((part) => [part.dataset.part, part]));
}

function makePart(name) {
  const part = document.createElement(name === "bar" ? "progress" : "span");
  part.dataset.part = name;
  part.className = name === "heard" ? "kern-sr-only" : `clock__${name}`;
  if (name !== "heard") part.ariaHidden = "true";
  return part;
}

// No width by script: the content security policy wants no style attributes, and a morph would carry them over.
function fill(bar, share) {
  bar.max = 1000;
  if (bar.value !== share) bar.value = share;
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function tickIn(root) {
  const now = serverNow();
  for (const element of allIn(root, SELECTOR)) tick(element, now);
}

onRendered(tickIn);
setInterval(() => document.hidden || tickIn(document.body), 1000);
document.addEventListener("visibilitychange", () => document.hidden || tickIn(document.body));
