// Ordering the agenda: by dragging (SortableJS), and by arrow keys on the handle, which press the row's own buttons.
import htmx from "htmx.org";
import Sortable from "sortablejs";
import { isUnderWay } from "./forms.js";
import { beginDrag, endDrag } from "./regions.js";
import { allIn, onRendered } from "./render.js";

const ITEM = "li[data-item-id]";
const ARRIVAL = 200; // the new order takes a moment; an older text held back meanwhile would move the item back
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let origin = null;

onRendered((root) => {
  for (const list of allIn(root, "ol[data-sortable]")) {
    for (const part of [list, ...list.querySelectorAll("ol[data-children]")]) {
      if (!Sortable.get(part)) Sortable.create(part, options(list));
    }
  }
});

const options = (list) => ({
  group: { name: list.id || "agenda", put: fitsIn },
  handle: "[data-handle]",
  draggable: ITEM,
  forceFallback: true, // pointer events for mouse, pen and touch alike
  fallbackOnBody: true,
  fallbackTolerance: 4,
  animation: calm.matches ? 0 : 120,
  ghostClass: "is-drop-place",
  chosenClass: "is-chosen",
  dragClass: "is-drag-image",
  onStart: started,
  onEnd: dropped,
});

// Two levels: an item with sub-items stays on the first.
const fitsIn = (to, from, item) => to.el.hasAttribute("data-sortable") || !item.querySelector(`ol[data-children] > ${ITEM}`);

function started({ item, from }) {
  origin = { item, from, next: item.nextElementSibling };
  beginDrag(from);
}

function dropped({ item, to, from }) {
  if (to === from && item.nextElementSibling === origin.next) return endDrag(from);
  save(item, to, origin);
}

function save(item, list, { from, next }) {
  const handle = item.querySelector("[data-handle]");
  const values = {
    before: nextItem(item)?.dataset.itemId ?? "",
    parent: list.closest(ITEM)?.dataset.itemId ?? "",
    version: item.dataset.version ?? item.closest("[data-version]")?.dataset.version ?? "",
  };
  const finished = ({ detail: { ctx } }) => {
    if (ctx.response?.raw.ok) return setTimeout(endDrag, ARRIVAL, from);
    from.insertBefore(item, next);
    endDrag(from);
  };
  handle.addEventListener("htmx:finally:request", finished, { once: true });
  htmx.ajax("POST", item.dataset.moveUrl, { source: handle, target: handle, swap: "none", values });
}

function nextItem(item) {
  let next = item.nextElementSibling;
  while (next && !next.matches(ITEM)) next = next.nextElementSibling;
  return next;
}

// --- keyboard -----------------------------------------------------------------------------------

const DIRECTIONS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-handle]");
  const direction = DIRECTIONS[event.key];
  if (!handle || !direction) return;
  event.preventDefault();
  const item = handle.closest(ITEM);
  const buttons = [...item.querySelectorAll(`[data-move="${direction}"]`)];
  const button = buttons.find((candidate) => candidate.closest(ITEM) === item && !candidate.disabled);
  if (button) step(button);
});

// The next step may come while the last one is still being saved: it is made after that, not dropped.
function step(button) {
  if (!isUnderWay(button)) return button.click();
  button.addEventListener("htmx:finally:request", () => setTimeout(() => button.click()), { once: true });
}
