// The fallback where WebSockets do not get through (municipal proxies): the same regions by plain requests.
import { currentVersion, deliveredUpTo, receiveGone, receiveRegion } from "./live.js";
import { page } from "./page.js";
import { regionIds } from "./regions.js";
import { isOver, noAccess, setState, signedOut } from "./state.js";

const VISIBLE = 4000;
const HIDDEN = 10_000;
const LONGEST = 30_000;
const TIMEOUT = 15_000;

let active = false;
let timer = 0;
let failures = 0;
let running = null;

export function startPolling() {
  if (active || isOver()) return;
  active = true;
  failures = 0;
  poll();
}

export function stopPolling() {
  active = false;
  clearTimeout(timer);
}

export const isPolling = () => active;

/** Asks once, at once; used after a write while the socket is not there. */
export function pollNow() {
  if (!page.liveUrl || isOver()) return;
  clearTimeout(timer);
  poll();
}

async function poll() {
  running ??= ask().finally(() => (running = null));
  await running;
  if (active && !isOver()) timer = setTimeout(poll, wait());
}

function wait() {
  const usual = document.hidden ? HIDDEN : VISIBLE;
  return Math.min(LONGEST, usual * 2 ** failures);
}

async function ask() {
  try {
    await take(await fetch(address(), request()));
  } catch {
    failed();
  }
}

async function take(response) {
  if (response.status === 401 || response.redirected) return signedOut();
  if (response.status === 404 || response.status === 403) return noAccess();
  if (!response.ok) return failed();
  apply(await response.json());
}

function apply({ version, regions, gone }) {
  regions.forEach(receiveRegion);
  gone.forEach(receiveGone);
  deliveredUpTo(version);
  failures = 0;
  if (active) setState("polling");
}

function failed() {
  failures += 1;
  if (active) setState("offline");
}

function address() {
  const query = new URLSearchParams({ v: currentVersion() });
  for (const id of regionIds()) query.append("r", id);
  return `${page.liveUrl}?${query}`;
}

const request = () => ({
  credentials: "same-origin",
  cache: "no-store",
  headers: { Accept: "application/json" },
  signal: AbortSignal.timeout(TIMEOUT),
});
