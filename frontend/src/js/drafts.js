// What was typed and not yet saved stays in this browser until the server has confirmed it (R8).
import { clockTime, fromTemplate, page, text } from "./page.js";
import { isDirtyForm } from "./protect.js";
import { allIn, onRendered } from "./render.js";

const PREFIX = `collab:draft:${page.person}:`;
const PAUSE = 300;
const KEEP_DAYS = 30;
const NOT_KEPT = ["hidden", "password", "file", "submit", "button", "image", "reset"];

const originalVersions = new WeakMap();
const timers = new Map();
const listeners = [];
let ended = false;

const keyOf = (form) => PREFIX + form.dataset.draft;
const keptFields = (form) => [...form.elements].filter((f) => f.name && f.type && !NOT_KEPT.includes(f.type) && f.tagName !== "FIELDSET");
const isTick = (field) => field.type === "checkbox" || field.type === "radio";
const versionField = (form) => form.querySelector("input[type=hidden][name=version]");

/** What the person can have changed in the form: [name, value or list of values or ticked] in document order. */
export const readFields = (form) => keptFields(form).map((field) => [field.name, readField(field)]);

function readField(field) {
  if (isTick(field)) return field.checked;
  if (field.multiple && field.options) return [...field.selectedOptions].map((option) => option.value);
  return field.value;
}

function writeField(field, value) {
  if (isTick(field)) field.checked = value;
  else if (Array.isArray(value)) for (const option of field.options) option.selected = value.includes(option.value);
  else field.value = value;
}

// --- storage (may be missing, full or switched off: then there are simply no drafts) ------------

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // see above
  }
  listeners.forEach((listener) => listener());
}

function remove(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // see above
  }
  listeners.forEach((listener) => listener());
}

function draftKeys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

// --- keeping ------------------------------------------------------------------------------------

// A form that came back (with errors, somebody else's text, a preview) holds what was sent, and nothing of it is saved.
const cameBack = new WeakSet();
const isAnswer = (form) => cameBack.has(form) || form.querySelector("[data-error-summary],[data-conflict]") !== null;

/** The server answers `form` with the form: what is in it still has to be kept, although it equals its defaults. */
export function stillUnsaved(form) {
  cameBack.add(form);
}

/** Keeps the form as it is now; a form without changes has no draft. */
export function saveDraft(form) {
  cancelPending(form);
  if (!form.dataset.draft || ended) return;
  if (!isDirtyForm(form) && !isAnswer(form)) return remove(keyOf(form));
  write(keyOf(form), { at: Date.now(), fields: readFields(form), version: versionField(form)?.value ?? null });
}

/** The server has it: the browser need not keep it any longer. */
export function clearDraft(form) {
  cancelPending(form);
  cameBack.delete(form);
  if (form.dataset.draft) remove(keyOf(form));
  form.querySelector("[data-draft-note]")?.remove();
}

function cancelPending(form) {
  clearTimeout(timers.get(form));
  timers.delete(form);
}

function typed(event) {
  const form = event.target.form;
  if (!form?.dataset.draft) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => saveDraft(form), PAUSE));
}

const saveAllPending = () => [...timers.keys()].forEach(saveDraft);

document.addEventListener("input", typed);
document.addEventListener("change", typed);
addEventListener("pagehide", saveAllPending);
document.addEventListener("visibilitychange", () => document.hidden && saveAllPending());

// --- giving back ----------------------------------------------------------------------------------

function restore(form) {
  if (isAnswer(form)) return saveDraft(form);
  const draft = read(keyOf(form));
  if (!draft || isDirtyForm(form)) return;
  if (JSON.stringify(draft.fields) === JSON.stringify(readFields(form))) return remove(keyOf(form));
  putBack(form, draft);
  if (isDirtyForm(form)) showNote(form, draft);
}

function putBack(form, draft) {
  const left = [...draft.fields];
  for (const field of keptFields(form)) {
    const index = left.findIndex(([name]) => name === field.name);
    if (index >= 0) writeField(field, left.splice(index, 1)[0][1]);
  }
  const version = versionField(form);
  if (!version || draft.version === null) return;
  originalVersions.set(form, version.value);
  // The server must see against which text this was typed, to notice what was saved meanwhile (R7).
  version.value = draft.version;
}

function showNote(form, draft) {
  form.querySelector("[data-draft-note]")?.remove();
  const note = fromTemplate("draft");
  note.querySelector("[data-draft-text]").textContent = text("draft-restored", { time: clockTime(new Date(draft.at)) });
  note.querySelector("button").addEventListener("click", () => discard(form));
  form.prepend(note);
}

function discard(form) {
  clearDraft(form);
  form.reset();
  if (originalVersions.has(form)) versionField(form).value = originalVersions.get(form);
  keptFields(form)[0]?.focus();
}

onRendered((root) => {
  if (page.person) allIn(root, "form[data-draft]").forEach(restore);
});

// --- ends -----------------------------------------------------------------------------------------

/** Whether this browser keeps a draft of this person's under the form's name for it. */
export const hasDraft = (name) => page.person !== "" && draftKeys().includes(PREFIX + name);

/** Calls `listener()` when a draft was kept or forgotten, in this page or another tab. */
export function onDraftsChange(listener) {
  listeners.push(listener);
}

addEventListener("storage", (event) => {
  if (event.key === null || event.key.startsWith(PREFIX)) listeners.forEach((listener) => listener());
});

export const countDrafts = () => draftKeys().length;

/** Forgets every draft of this person; nothing more is kept on this page, which is about to be left. */
export function removeAllDrafts() {
  ended = true;
  for (const key of draftKeys()) remove(key);
}

const oldest = Date.now() - KEEP_DAYS * 86_400_000;
for (const key of draftKeys()) if (!(read(key)?.at > oldest)) remove(key);
