// <time data-relative datetime="…">: "2 minutes ago" in the language of the page, the full date in the title.
import { page } from "./page.js";
import { allIn, onRendered } from "./render.js";

const format = new Intl.RelativeTimeFormat(page.language, { numeric: "auto" });
const STEPS = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86400, "hour", 3600],
  [7 * 86400, "day", 86400],
];

/** "2 minutes ago"; an empty string when it is more than a week away. */
function relative(date) {
  const seconds = Math.round((date - Date.now()) / 1000);
  if (Math.abs(seconds) < 45) return format.format(0, "second");
  const step = STEPS.find(([limit]) => Math.abs(seconds) < limit);
  return step ? format.format(Math.round(seconds / step[2]), step[1]) : "";
}

function refresh(element) {
  const date = Date.parse(element.dateTime);
  if (Number.isNaN(date)) return;
  // The server writes the absolute time; it is kept as the title, and comes back when the moment is long ago.
  element.title ||= element.textContent.trim();
  const words = relative(date) || element.title;
  if (element.textContent !== words) element.textContent = words;
}

const refreshIn = (root) => allIn(root, "time[data-relative]").forEach(refresh);

onRendered(refreshIn);

export function startClock() {
  setInterval(() => refreshIn(document.body), 60_000);
}
