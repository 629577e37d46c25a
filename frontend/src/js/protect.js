// What a morph must leave alone (R3): fields in use, open <details>, what this browser decided itself.
import htmx from "htmx.org";

const PERSONAL = ["forPerson", "forMembership", "forTown", "notForMembership"];

function isDirty(field) {
  if (field instanceof HTMLSelectElement) return isChangedSelect(field);
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
}

function isChangedSelect(select) {
  const options = [...select.options];
  // Where the server chose none, the browser shows the first.
  if (!select.multiple && !options.some((option) => option.defaultSelected)) return select.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
}

export const isField = (node) => node.matches?.("input:not([type=hidden]),textarea,select,[contenteditable]");

/** True when the person has changed something in the form that the server has not got. */
export const isDirtyForm = (form) => [...form.elements].some((field) => isField(field) && isDirty(field));

const inUse = (node) => isField(node) && (node === document.activeElement || isDirty(node));

function keepsAttribute(element, name) {
  if (name === "open") return element.matches("details,dialog");
  if (name === "hidden") return PERSONAL.some((key) => key in element.dataset);
  // A heading that was given the focus must stay focusable until the focus moves on.
  if (name === "tabindex") return element === document.activeElement;
  return false;
}

// Only live regions are morphed from behind the person's back. The answer to a form that was
// just sent is its own business: there the server's fields win, the focused one apart (htmx).
let guarded = false;

/** Runs `morph` with everything that is in use protected. */
export function guardingFields(morph) {
  guarded = true;
  try {
    morph();
  } finally {
    guarded = false;
  }
}

htmx.registerExtension("collab-protect", {
  htmx_before_morph_node: (node) => !(guarded && inUse(node)),
  htmx_before_morph_attr: (element, detail) => !keepsAttribute(element, detail.attrName),
});
