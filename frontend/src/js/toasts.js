// Short messages: what was saved (role=status, goes by itself), what failed (role=alert, stays longer).
import { fromTemplate } from "./page.js";

const SECONDS = { status: 6, alert: 20 };
const READABLE = 8000;
const MOST = 3;
const STORED = "collab:toast";

/** Shows `message`; kind is "status" or "alert". Returns its element, which goes by itself after `wait` milliseconds. */
export function toast(message, kind = "status", wait = SECONDS[kind] * 1000) {
  if (!message) return null;
  const element = fromTemplate(`toast-${kind}`);
  element.querySelector("[data-toast-text]").textContent = message;
  element.querySelector("[data-toast-close]").addEventListener("click", () => element.remove());
  if (kind === "alert") clearAlerts();
  const place = host(kind);
  place.append(element);
  while (place.children.length > MOST) place.firstElementChild.remove();
  expire(element, wait);
  return element;
}

/** The next attempt makes the last failure old news. */
export function clearAlerts() {
  for (const old of document.querySelectorAll("[data-toasts=alert] > *")) old.remove();
}

/** Says that the network failed; it is taken back as soon as there is a connection again. */
export function networkAlert(message) {
  toast(message, "alert")?.setAttribute("data-network", "");
}

/** The connection is back: what failed meanwhile can be read for a while, it was not saved. */
export function clearNetworkAlerts() {
  for (const old of document.querySelectorAll("[data-toasts=alert] > [data-network]")) setTimeout(() => old.remove(), READABLE);
}

// In a modal dialog only the dialog can be seen and used. The live regions exist from the start,
// so that screen readers notice what is put into them.
function host(kind) {
  const scope = document.querySelector("dialog[open]") ?? document;
  return scope.querySelector(`[data-toasts="${kind}"]`) ?? document.querySelector(`[data-toasts="${kind}"]`);
}

function expire(element, wait) {
  let timer = setTimeout(() => element.remove(), wait);
  const hold = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(() => element.remove(), wait);
  };
  element.addEventListener("pointerenter", hold);
  element.addEventListener("focusin", hold);
  element.addEventListener("pointerleave", go);
  element.addEventListener("focusout", go);
}

/** Keeps a message for the page that comes next. */
export function toastOnNextPage(message) {
  try {
    sessionStorage.setItem(STORED, message ?? "");
  } catch {
    // without storage the next page simply has no message
  }
}

export function showStoredToast() {
  try {
    const message = sessionStorage.getItem(STORED);
    sessionStorage.removeItem(STORED);
    // Screen readers announce what changes in a live region, not what is there while the page loads.
    if (message) setTimeout(() => toast(message), 300);
  } catch {
    // see above
  }
}
