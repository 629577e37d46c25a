// The connection as the person sees it (R6): live, catching-up, polling, offline, signed-out, no-access.
import { clockTime, fromTemplate, page, text } from "./page.js";
import { clearNetworkAlerts } from "./toasts.js";

const QUIET = 2000; // an interruption shorter than this is not shown

const CONNECTED = ["live", "polling"];

const box = document.getElementById("live-state");
let shown = box?.dataset.state;
let actual = shown;
let offlineSince = null;
let over = false;
let timer = shown === "catching-up" ? setTimeout(show, QUIET) : 0;

/** Reports what the transport knows; it is shown at once, or for interruptions after a moment. */
export function setState(state) {
  if (over || !box) return;
  if (CONNECTED.includes(state) && !CONNECTED.includes(actual)) clearNetworkAlerts();
  actual = state;
  if (state !== "offline") offlineSince = null;
  else offlineSince ??= new Date();
  if (state === "live" || state === "polling") show();
  else timer ||= setTimeout(show, QUIET);
}

export const isLive = () => actual === "live";
export const isOver = () => over;

function show() {
  clearTimeout(timer);
  timer = 0;
  delete box.dataset.quiet;
  shown = box.dataset.state = actual;
  const label = box.querySelector("[data-state-text]");
  const words = text(`state-${shown}`, { time: offlineSince ? clockTime(offlineSince) : "" });
  if (label.textContent !== words) label.textContent = words;
}

function end(state) {
  if (box) {
    actual = state;
    show();
  }
  over = true;
  return showBanner(state);
}

/** The session ended: nothing is sent any more, drafts stay in the browser. */
export function signedOut() {
  if (over) return;
  const back = location.pathname + location.search + location.hash;
  end("signed-out").querySelector("a").href = `${page.loginUrl}?next=${encodeURIComponent(back)}`;
}

/** This person may not see the network any more. */
export function noAccess() {
  if (!over) end("no-access");
}

// A modal dialog makes everything outside inert, so the banner has to stand inside it.
function showBanner(name) {
  const banner = fromTemplate(name);
  const dialog = document.querySelector("dialog[open]");
  (dialog ?? document.getElementById("banner")).prepend(banner);
  return banner;
}
