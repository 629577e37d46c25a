// What changed, for screen readers: one polite region, one short sentence for all that came within some seconds.
import { page, text } from "./page.js";

const COLLECT = 3000;
const MOST = 3;
const CLEAR = 15_000;
const SETTING = "collab:announcements";
const TOGGLE = "[data-pause-news]";

const box = document.getElementById("live-news");
let kinds = new Map(); // kind -> {many, of: Map of version -> {actor, words}}
let timer = 0;
let toldAt = 0; // when a message last told the person about a change of their own
let missed = 0;

/** Adds what a region's message brought: [{kind, many, of: [[version, actor, words], …]}, …]; each change counts once. */
export function announce(news = []) {
  for (const { kind, many, of } of news) {
    const known = kinds.get(kind) ?? { many, of: new Map() };
    for (const [version, actor, words] of of) known.of.set(version, { actor, words: words || known.of.get(version)?.words });
    kinds.set(kind, known);
  }
  if (kinds.size && box) timer ||= setTimeout(speak, COLLECT);
}

/** Says at once what somebody has just asked for, such as the number of hits of a filter. */
export function say(words) {
  if (!box) return;
  const spoken = document.createElement("p");
  spoken.textContent = words;
  box.replaceChildren(spoken);
  setTimeout(() => spoken.isConnected && box.replaceChildren(), CLEAR);
}

/** A message on the screen has just said that one's own change was saved: it is not announced once more. */
export function toldOwnChange() {
  toldAt = Date.now();
}

function speak() {
  timer = 0;
  const told = Date.now() - toldAt < 2 * COLLECT ? page.membership : "";
  const parts = [...kinds.values()].map((kind) => part(kind, told)).filter(Boolean);
  kinds = new Map();
  if (!parts.length) return;
  if (isPaused()) return void (missed += parts.reduce((sum, one) => sum + one.n, 0));
  // What the meeting is at comes first: it is what one must not miss.
  parts.sort((a, b) => b.isLatest - a.isLatest);
  const rest = parts.splice(MOST).reduce((sum, one) => sum + one.n, 0);
  const words = parts.map((one) => one.words);
  if (rest) words.push(text(rest === 1 ? "news-one-more" : "news-more", { n: rest }));
  say(words.join("; "));
}

// One change is said in its own words; of several their number, or the latest where there is no word for several.
function part({ many, of: changes }, told) {
  const of = [...changes.values()].filter((one) => !told || String(one.actor) !== told);
  const last = of.findLast((one) => one.words)?.words;
  if (!of.length) return null;
  const words = of.length > 1 && many ? many.replace("{n}", of.length) : last;
  return { words: words ?? text("many-changes", { n: of.length }), n: many ? of.length : 1, isLatest: !many };
}

// --- a pause for those who want to listen to the meeting -------------------------------------------

function isPaused() {
  try {
    return localStorage.getItem(SETTING) === "off";
  } catch {
    return false;
  }
}

function pause(paused) {
  // What has come so far belongs to the time before.
  clearTimeout(timer);
  speak();
  try {
    localStorage.setItem(SETTING, paused ? "off" : "on");
  } catch {
    // without storage there is no pause
  }
  if (paused) box?.replaceChildren();
  else if (missed) say(text(missed === 1 ? "news-missed-one" : "news-missed", { n: missed }));
  missed = 0;
}

function showPause() {
  for (const button of document.querySelectorAll(TOGGLE)) button.setAttribute("aria-pressed", String(isPaused()));
  document.documentElement.toggleAttribute("data-news-paused", isPaused());
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.(TOGGLE)) return;
  pause(!isPaused());
  showPause();
});
addEventListener("storage", (event) => event.key === SETTING && showPause());
showPause();
