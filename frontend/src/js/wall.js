// The presentation view: keeps the screen awake, fits what is shown to the screen, and leads back by Escape.
import { allIn, onRendered } from "./render.js";

const SMALLEST = 0.5;
const POINTER = 3000;
const wall = document.querySelector(".wall");

// --- the screen stays on --------------------------------------------------------------------------

async function stayAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch {
    // not allowed here (no https, low battery): the screen goes dark as the computer is set
  }
}

// --- everything fits ------------------------------------------------------------------------------

const overflows = (box) => box.scrollHeight > box.clientHeight + 1;

function fit() {
  for (const box of allIn(wall, "[data-fit]")) {
    for (const text of allIn(box, "[data-clamp]")) text.classList.remove("is-clamped");
    // Where there is room what is shown grows, up to the size the part allows.
    for (let size = Number(box.dataset.fit) || 1; size >= SMALLEST; size -= 0.05) {
      box.style.setProperty("--fit", size.toFixed(2));
      if (![box, ...allIn(box, "[data-clamp],[data-tight]")].some(overflows)) break;
    }
    allIn(box, "[data-clamp]").filter(overflows).forEach(clamp);
  }
  leaveOut();
}

// The rest of a long text stands on everybody's own device.
function clamp(text) {
  const line = parseFloat(getComputedStyle(text).lineHeight);
  text.style.setProperty("--lines", Math.max(1, Math.floor(text.clientHeight / line)));
  text.classList.add("is-clamped");
}

// Lists lose their last entries, and say how many.
function leaveOut() {
  const entries = allIn(wall, ".wall__main li,.wall__side li");
  for (const entry of entries) show(entry);
  const out = entries.filter((entry) => bottom(entry) > bottom(entry.closest(".wall__main,.wall__side")) + 1);
  for (const entry of out) entry.classList.add("is-left-out");
  for (const list of new Set(out.map((entry) => entry.parentElement))) {
    const left = [...list.children].filter((entry) => out.includes(entry));
    const last = left[0].previousElementSibling;
    if (last) last.dataset.more = `+${left.length}`;
  }
}

const bottom = (element) => element.getBoundingClientRect().bottom;

function show(entry) {
  entry.classList.remove("is-left-out");
  delete entry.dataset.more;
}

// --- the way back ---------------------------------------------------------------------------------

let timer = 0;

function pointerMoved() {
  document.body.classList.add("has-pointer");
  clearTimeout(timer);
  timer = setTimeout(() => document.body.classList.remove("has-pointer"), POINTER);
}

if (wall) {
  onRendered(fit);
  addEventListener("resize", fit);
  document.fonts?.ready.then(fit);
  addEventListener("pointermove", pointerMoved, { passive: true });
  addEventListener("keydown", (event) => event.key === "Escape" && document.getElementById("wall-back").click());
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
}
