// Keeps focus, caret and scroll position while a region changes under the person's hands (R3).
const ROW = "li,tr,article";
const FOCUSABLE = "a[href],button,summary,input,select,textarea,[tabindex]";

// A row may have moved into a closed <details>, where nothing can take the focus.
const isVisible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const label = (element) => (element.getAttribute("aria-label") ?? element.textContent).trim();

/** Gives the focus to the first heading of `area` (or to `area`), which Tab does not stop at. */
export function focusHeading(area) {
  const target = area.querySelector("h1,h2,h3,h4") ?? area;
  if (!target.matches(FOCUSABLE)) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

function caretOf(element) {
  try {
    return [element.selectionStart, element.selectionEnd, element.selectionDirection];
  } catch {
    return null; // inputs such as type=date have no selection
  }
}

function setCaret(element, caret) {
  if (!caret || caret[0] === null || !element.setSelectionRange) return;
  try {
    element.setSelectionRange(...caret);
  } catch {
    // the type of the field changed
  }
}

/** Remembers the focus inside `area`; the returned function puts it back after a change. */
export function rememberFocus(area) {
  const element = document.activeElement;
  if (!area.contains(element) || element === area) return () => {};
  const caret = caretOf(element);
  const words = label(element);
  const ancestors = ancestorIds(element, area);
  return () => {
    if (document.activeElement === element && element.isConnected && isVisible(element)) return;
    if (element.isConnected && area.contains(element) && !element.disabled && isVisible(element)) {
      element.focus({ preventScroll: true });
      return setCaret(element, caret);
    }
    focusSubstitute(element, words, ancestors, area);
  };
}

function ancestorIds(element, area) {
  const ids = [];
  for (let node = element; node && node !== area; node = node.parentElement) if (node.id) ids.push(node.id);
  return ids;
}

// The focused element is gone: take the one with its id, else the same control of the same row,
// else the handle or heading of the row, else the heading of the region. Never another control:
// the person may be about to press Enter.
function focusSubstitute(gone, words, ids, area) {
  for (const id of ids) {
    const row = document.getElementById(id);
    if (!row || !area.contains(row) || !isVisible(row)) continue;
    if (id !== gone.id && !row.matches(ROW)) break;
    const same = id === gone.id ? row : twin(gone, words, row);
    const target = same ?? row.querySelector("[data-handle]");
    if (target && !target.disabled) return target.focus({ preventScroll: true });
    return focusHeading(row);
  }
  // A region that has nothing to say any more takes no room, and no focus.
  const stays = area.isConnected && (isVisible(area) || area.firstElementChild);
  focusHeading(stays ? area : document.querySelector("main"));
}

function twin(gone, words, row) {
  return [...row.querySelectorAll(FOCUSABLE)].find((e) => e.tagName === gone.tagName && label(e) === words);
}

const headerHeight = () => document.querySelector(".page-header")?.getBoundingClientRect().bottom ?? 0;

function inViewport(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > headerHeight() && top < innerHeight;
}

// What the person looks at: the focused element when it can be seen, else what is at the top.
function anchorElement() {
  const focused = document.activeElement;
  if (focused && focused !== document.body && inViewport(focused)) return focused;
  const x = Math.min(innerWidth / 2, 400);
  return document.elementsFromPoint(x, Math.max(0, headerHeight()) + 12).find((e) => e.closest("main")) ?? null;
}

/** Runs `change` so that what the person looks at stays where it is on the screen. */
export function keepingScroll(change) {
  const anchors = anchorChain(anchorElement());
  // The browser's own scroll anchoring would correct a second time.
  document.documentElement.style.overflowAnchor = "none";
  change();
  const anchor = anchors.find(({ element }) => element.isConnected);
  const moved = anchor ? anchor.element.getBoundingClientRect().top - anchor.top : 0;
  if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
  requestAnimationFrame(() => document.documentElement.style.removeProperty("overflow-anchor"));
}

// Ancestors too: when the row itself is removed, its list still shows where the person was.
function anchorChain(element) {
  const chain = [];
  for (let node = element; node && node.tagName !== "MAIN"; node = node.parentElement) {
    chain.push({ element: node, top: node.getBoundingClientRect().top });
  }
  return chain;
}
