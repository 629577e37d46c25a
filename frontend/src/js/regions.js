// Puts the server's newest text of a region into the page, without disturbing who works there (R3).
import htmx from "htmx.org";
import { focusHeading, keepingScroll, rememberFocus } from "./focus.js";
import { fromTemplate, page } from "./page.js";
import { guardingFields } from "./protect.js";
import { onRendered, rendered } from "./render.js";

const HOLD = 5000; // a new order waits at most this long under the pointer
const POINTER_FRESH = 3000;
const FRESH = 4000;
const OWN_CHANGE = 3000; // for so long after an own write a new order is no surprise

const versions = new Map(); // region id -> version of the text in the page
const held = new Map(); // region id -> {message, release()}
const dragged = new Set(); // region ids in which something is being dragged
const setListeners = [];
let pointer = { area: null, at: 0 };
let ownChangeUntil = 0;
let knownIds = "";

export const regionIds = () => [...document.querySelectorAll("[data-region]")].map((element) => element.id);

/** Calls `listener()` when regions came into the page or left it. */
export function onRegionSetChange(listener) {
  setListeners.push(listener);
}

/** What is written now comes back as a change of a region, possibly before the answer to the writing. */
export function expectOwnChange() {
  ownChangeUntil = Date.now() + OWN_CHANGE;
}

/** {id, v, html}: applied unless the page already has something newer. */
export function applyRegion(message) {
  const element = document.getElementById(message.id);
  if (!element || message.v < versionOf(element)) return false;
  if (held.has(message.id)) held.get(message.id).message = message;
  else if (dragged.has(message.id)) hold(message);
  else if (reordersUnderPointer(element, message)) holdWithNotice(element, message);
  else morph(element, message);
  return true;
}

const versionOf = (element) => versions.get(element.id) ?? Number(element.dataset.version ?? page.version);

/** The person may not see this region any more. */
export function removeRegion(id) {
  const element = document.getElementById(id);
  if (!element) return;
  drop(id);
  const hadFocus = element.contains(document.activeElement);
  element.replaceChildren(fromTemplate("gone"));
  if (hadFocus) focusHeading(element);
}

function morph(element, message) {
  const id = message.id;
  const before = changeTimes(element);
  const restoreFocus = rememberFocus(element);
  keepingScroll(() => {
    guardingFields(() => swap(element, message.html));
    restoreFocus();
  });
  versions.set(id, message.v);
  const now = document.getElementById(id);
  if (now) highlight(now, before);
}

function swap(element, html) {
  // htmx morphs synchronously when no delay or transition is asked for, and announces htmx:after:swap later.
  htmx.swap({ sourceElement: element, target: element, text: html, swap: "outerMorph" });
  const now = document.getElementById(element.id);
  if (now) rendered(now);
}

// --- what has just changed, calmly marked ---------------------------------------------------

const changedRows = (element) => [...element.querySelectorAll("[id][data-changed-at]")];
const changeTimes = (element) => new Map(changedRows(element).map((row) => [row.id, row.dataset.changedAt]));

function highlight(element, before) {
  for (const row of changedRows(element)) {
    if (before.get(row.id) === row.dataset.changedAt) continue;
    row.classList.add("is-fresh");
    setTimeout(() => row.classList.remove("is-fresh"), FRESH);
  }
}

// --- holding back ---------------------------------------------------------------------------

const orders = (root) => [...root.querySelectorAll("[data-order]")].map((list) => list.dataset.order);

// Rows that are only added at the end move nothing.
const moves = (before, after) => before !== after && !`${after},`.startsWith(`${before},`) && before !== "";

function reordersUnderPointer(element, message) {
  const under = pointer.area === message.id && Date.now() - pointer.at < POINTER_FRESH;
  if (!under || Date.now() < ownChangeUntil || !element.matches(":hover")) return false;
  const incoming = orders(new DOMParser().parseFromString(message.html, "text/html"));
  return orders(element).some((order, index) => moves(order, incoming[index] ?? ""));
}

function hold(message, release = () => {}) {
  held.set(message.id, { message, release });
}

function holdWithNotice(element, message) {
  const notice = fromTemplate("new-order");
  const apply = () => releaseRegion(message.id);
  const leave = (event) => notice.contains(event.relatedTarget) || element.contains(event.relatedTarget) || apply();
  const timer = setTimeout(apply, HOLD);
  notice.querySelector("button").addEventListener("click", apply);
  element.addEventListener("pointerleave", leave);
  notice.addEventListener("pointerleave", leave);
  element.before(notice);
  hold(message, () => {
    clearTimeout(timer);
    element.removeEventListener("pointerleave", leave);
    if (notice.contains(document.activeElement)) focusHeading(element);
    notice.remove();
  });
}

function drop(id) {
  held.get(id)?.release();
  held.delete(id);
}

function releaseRegion(id) {
  const waiting = held.get(id)?.message;
  drop(id);
  const element = document.getElementById(id);
  if (waiting && element) morph(element, waiting);
}

/** Nothing is morphed in the region around `element` until `endDrag` is called with it. */
export function beginDrag(element) {
  const id = element.closest("[data-region]")?.id;
  if (id) dragged.add(id);
}

export function endDrag(element) {
  const id = element.closest("[data-region]")?.id;
  if (!id) return;
  dragged.delete(id);
  releaseRegion(id);
}

document.addEventListener(
  "pointermove",
  (event) => {
    if (event.pointerType === "touch") return;
    pointer = { area: event.target.closest?.("[data-region]")?.id ?? null, at: Date.now() };
  },
  { passive: true },
);

onRendered(() => {
  const ids = regionIds().join("\n");
  if (ids === knownIds) return;
  knownIds = ids;
  for (const listener of setListeners) listener();
});
