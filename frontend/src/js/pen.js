// The pen: the notes of the active item. It follows the meeting, but never while somebody is writing (R3).
import htmx from "htmx.org";
import { fromTemplate } from "./page.js";
import { isDirtyForm } from "./protect.js";
import { onRendered } from "./render.js";

let loading = "";
let hadFocus = false;

const pen = () => document.querySelector("[data-pen]");
const formIn = (place) => place.querySelector("form[data-item-id]");

function follow() {
  const place = pen();
  const active = place && document.getElementById(place.dataset.pen);
  if (!active) return;
  const form = formIn(place);
  if (form && isDirtyForm(form)) return sayItMoved(place, form.dataset.itemId !== active.dataset.itemId);
  if (!active.dataset.itemId) return place.replaceChildren();
  if (!form || isBehind(form, active)) load(place, active);
}

function isBehind(form, active) {
  const version = Number(form.elements.version.value);
  return form.dataset.itemId !== active.dataset.itemId || version < Number(active.dataset.notesVersion);
}

function sayItMoved(place, moved) {
  const notice = place.querySelector(".pen__moved");
  if (!moved) notice?.remove();
  else if (!notice) place.prepend(fromTemplate("pen-moved"));
}

async function load(place, active) {
  const wanted = `${active.dataset.itemId}/${active.dataset.notesVersion}`;
  if (loading === wanted) return;
  loading = wanted;
  hadFocus = false;
  try {
    await htmx.ajax("GET", active.dataset.notesUrl, { target: place, swap: "innerHTML" });
    if (hadFocus) place.querySelector("textarea")?.focus({ preventScroll: true });
  } finally {
    loading = "";
  }
}

htmx.on("htmx:before:swap", (event) => {
  const place = pen();
  if (!place || event.detail.ctx.target !== place) return;
  const form = formIn(place);
  hadFocus = place.contains(document.activeElement);
  if (!form || !isDirtyForm(form)) return;
  // Somebody began to write while the other notes were on their way.
  event.preventDefault();
  hadFocus = false;
  follow();
});

onRendered(follow);
// Next turn: first forms.js makes the saved text the form's new normal.
document.addEventListener("collab:done", (event) => {
  if (pen()?.contains(event.target)) setTimeout(follow);
});
