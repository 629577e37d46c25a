// Places in the room's page where one writes: the notes of the active item, one's town's report. A slot follows its
// region from item to item, but never while somebody is writing in it (R3).
//
//   <section data-slot="meeting-round-5" data-slot-url="reportUrl" data-slot-for="reportFor" data-slot-version="reportVersions"
//            data-slot-moved="report-moved" data-slot-lost="report-lost">
//
// names the region to follow, the region's data attributes with the form's address, the towns whose form it is (none:
// everybody's) and its version (one number, or one for each town: "08317057:3 08317001:1"), and the templates that say
// that the meeting has moved on, or that one may not write here any more. A region that offers no address to its
// audience empties the slot, one that begins to (the pen was handed over) fills it.
import htmx from "htmx.org";
import { focusHeading } from "./focus.js";
import { fromTemplate, page } from "./page.js";
import { isDirtyForm } from "./protect.js";
import { onRendered } from "./render.js";

const loading = new Map(); // slot -> what is on its way
const hadFocus = new WeakMap(); // slot -> name of the field that had the focus

const slots = () => document.querySelectorAll("[data-slot]");
const formIn = (slot) => slot.querySelector("form[data-item-id]");

function follow(slot) {
  const region = document.getElementById(slot.dataset.slot);
  if (!region) return;
  const form = formIn(slot);
  if (form && isInUse(form)) return say(slot, whatChanged(slot, region, form));
  if (!addressOf(slot, region)) return empty(slot, region);
  if (!form || isBehind(form, slot, region)) load(slot, region);
}

/** Where the form comes from; nothing where the region offers none, or not to one's town. */
function addressOf(slot, region) {
  const towns = region.dataset[slot.dataset.slotFor];
  const isOurs = !slot.dataset.slotFor || (page.town && towns?.split(/\s+/).includes(page.town));
  return isOurs ? region.dataset[slot.dataset.slotUrl] : undefined;
}

function empty(slot, region) {
  const hadFocus = slot.contains(document.activeElement);
  slot.replaceChildren();
  if (hadFocus) focusHeading(region.hidden ? document.querySelector("main") : region);
}

// Somebody else's text beside one's own, or a refusal: that is read, and then decided.
const isInUse = (form) => isDirtyForm(form) || form.querySelector("[data-conflict],[data-error-summary]") !== null;

function isBehind(form, slot, region) {
  const version = Number(form.elements.version.value);
  return form.dataset.itemId !== region.dataset.itemId || version < versionNow(slot, region);
}

function versionNow(slot, region) {
  const versions = region.dataset[slot.dataset.slotVersion] ?? "";
  const own = versions.split(" ").find((entry) => entry.startsWith(`${page.town}:`));
  return Number(own ? own.split(":")[1] : versions) || 0;
}

function whatChanged(slot, region, form) {
  if (region.dataset.itemId && !addressOf(slot, region)) return "lost";
  return form.dataset.itemId === region.dataset.itemId ? "" : "moved";
}

function say(slot, what) {
  const notice = slot.querySelector("[data-moved]");
  if ((notice?.dataset.moved ?? "") === what) return;
  notice?.remove();
  if (what) slot.prepend(fromTemplate(what === "lost" ? slot.dataset.slotLost : slot.dataset.slotMoved));
}

async function load(slot, region) {
  const address = addressOf(slot, region);
  if (!address) return;
  const wanted = `${region.dataset.itemId}/${versionNow(slot, region)}`;
  if (loading.get(slot) === wanted) return;
  loading.set(slot, wanted);
  hadFocus.delete(slot);
  try {
    await htmx.ajax("GET", address, { target: slot, swap: "innerHTML" });
    const field = hadFocus.get(slot);
    if (field) slot.querySelector(`[name="${field}"]`)?.focus({ preventScroll: true });
  } finally {
    loading.delete(slot);
  }
}

htmx.on("htmx:before:swap", (event) => {
  const slot = event.detail.ctx.target;
  if (!slot?.matches?.("[data-slot]")) return;
  const form = formIn(slot);
  if (slot.contains(document.activeElement)) hadFocus.set(slot, document.activeElement.name);
  const region = document.getElementById(slot.dataset.slot);
  const isLate = !region || !addressOf(slot, region);
  if (!isLate && !(form && isInUse(form))) return;
  // Somebody began to write while the other text was on its way, or may not write here any more.
  event.preventDefault();
  hadFocus.delete(slot);
  follow(slot);
});

const followAll = () => slots().forEach(follow);

onRendered(followAll);
// Next turn: first forms.js makes the saved text the form's new normal.
document.addEventListener("collab:done", (event) => {
  const slot = event.target.closest?.("[data-slot]");
  if (slot) setTimeout(follow, 0, slot);
});
