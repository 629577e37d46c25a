// Lines that lead back to what was typed here and never saved, where its form is not on the page (any more).
//
//   <p hidden data-draft-of="item-12-report" data-active-in="meeting-round-5" data-item-id="12">…</p>
//
// While the item is the active one its form stands in the page or is on its way; the line is for the others.
import { hasDraft, onDraftsChange } from "./drafts.js";
import { onRendered } from "./render.js";

const isBeingWritten = (draft) => document.querySelector(`form[data-draft="${CSS.escape(draft)}"]:not(dialog *)`) !== null;
const isActive = ({ activeIn, itemId }) => document.getElementById(activeIn)?.dataset.itemId === itemId;

function showOrHide(line) {
  const { draftOf } = line.dataset;
  line.hidden = !hasDraft(draftOf) || isActive(line.dataset) || isBeingWritten(draftOf);
}

const all = () => document.querySelectorAll("[data-draft-of]").forEach(showOrHide);

onRendered(all);
onDraftsChange(all);
