// Every write of the page: CSRF, one request at a time, errors in words, and what follows a success.
import htmx from "htmx.org";
import { closeDialogOf } from "./dialog.js";
import { clearDraft, readFields, saveDraft, stillUnsaved } from "./drafts.js";
import { toldOwnChange } from "./news.js";
import { page, text } from "./page.js";
import { pollNow } from "./poll.js";
import { expectOwnChange } from "./regions.js";
import { isLive, signedOut } from "./state.js";
import { clearAlerts, networkAlert, toast, toastOnNextPage } from "./toasts.js";

const SUBMIT = "button:not([type=button]):not([type=reset]),input[type=submit]";
const WITH_FORM = [409, 422]; // answers that hold the form again
const SLOW = 8000; // after this the person is told that it takes long
const PATIENCE = 30_000;
const UPLOAD_PATIENCE = 600_000; // a large file over a bad network is not a server that hangs

const running = new Map(); // source element -> what its form held when it was sent
/** True from sending until the answer: what is sent from `source` meanwhile is not a second request. */
export const isUnderWay = (source) => running.has(source);

const statusOf = (ctx) => ctx?.response?.status ?? 0;
const formOf = (source) => (source instanceof Element ? source.closest("form") : null);

// --- before -------------------------------------------------------------------------------------

function csrfToken() {
  // The cookie is newer than the page after signing in again in another tab.
  const cookie = document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/);
  return cookie?.[1] ?? document.querySelector("meta[name=csrf-token]")?.content ?? "";
}

htmx.on("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method === "GET") return;
  if (running.has(ctx.sourceElement)) return event.preventDefault();
  ctx.request.headers["X-CSRFToken"] = csrfToken();
  // Django looks at the field first, and the field is as old as the page.
  ctx.request.body.delete("csrfmiddlewaretoken");
  if (!ctx.sourceElement.hasAttribute("hx-swap")) ctx.swap = ctx.sourceElement.matches("form") ? "outerMorph" : "none";
});

htmx.on("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "GET") return;
  const form = formOf(ctx.sourceElement);
  if (form) saveDraft(form);
  ctx.collabSource = ctx.sourceElement; // htmx may replace it after a swap
  expectOwnChange();
  clearAlerts();
  running.set(ctx.sourceElement, form && JSON.stringify(readFields(form)));
  setBusy(ctx.sourceElement, true);
});

const TYPED = "textarea,select,input:not([type=hidden],[type=submit])";

// Where only a button was pressed nothing was typed that could be "still here".
const inWords = (name, ctx) => (formOf(ctx.sourceElement)?.querySelector(TYPED) ? name : `${name}-button`);

// --- a server that does not answer ----------------------------------------------------------------

const hasFile = (body) => body instanceof FormData && [...body.values()].some((value) => value instanceof File && value.size);

htmx.on("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.timeout = hasFile(ctx.request.body) ? UPLOAD_PATIENCE : PATIENCE;
});

htmx.on("htmx:before:request", ({ detail: { ctx } }) => {
  ctx.collabSlow = setTimeout(() => (ctx.collabNote = toast(text(inWords("slow", ctx)), "status", ctx.request.timeout)), SLOW);
});

htmx.on("htmx:finally:request", ({ detail: { ctx } }) => {
  clearTimeout(ctx.collabSlow);
  ctx.collabNote?.remove();
});

htmx.on("htmx:finally:request", ({ detail: { ctx } }) => {
  if (!ctx.collabSource) return;
  running.delete(ctx.collabSource);
  setBusy(ctx.collabSource, false);
});

// aria-disabled and not disabled: a disabled button would lose the focus.
function setBusy(source, busy) {
  const buttons = source.matches("form") ? source.querySelectorAll(SUBMIT) : [source];
  for (const button of buttons) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
  source.toggleAttribute("data-busy", busy);
}

// Forms without htmx (sign-in, language): the second click of a double click is not a second request.
// On the window, so that whoever stops the submission has done so before.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("hx-post") || form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// --- errors -------------------------------------------------------------------------------------

const isSignInPage = (url) => new URL(url, location.href).pathname === new URL(page.loginUrl, location.href).pathname;

htmx.on("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  if (!raw.redirected || !isSignInPage(raw.url)) return;
  event.preventDefault();
  signedOut();
});

htmx.on("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  // An error without a form must never take the place of the form that was sent.
  if (statusOf(ctx) >= 400 && !/<form[\s>]/i.test(ctx.text)) return event.preventDefault();
  if (ctx.collabSource?.matches("form")) stillUnsaved(ctx.collabSource);
});

htmx.on("htmx:response:error", ({ detail: { ctx } }) => {
  const status = statusOf(ctx);
  if (status === 401) return signedOut();
  if (WITH_FORM.includes(status) && ctx.sourceElement.matches("form") && /<form[\s>]/i.test(ctx.text)) return;
  toast(messageFrom(ctx.response) || text(`error-${status}`) || text("error-general"), "alert");
});

function messageFrom({ headers }) {
  try {
    return decodeURIComponent(headers.get("X-Message") ?? "");
  } catch {
    return ""; // not URL-encoded
  }
}

htmx.on("htmx:error", ({ detail: { ctx } }) => {
  const isLate = ctx?.request.signal?.reason === "timeout";
  if (isLate || (ctx && !ctx.response)) networkAlert(text(inWords(isLate ? "error-timeout" : "error-network", ctx)));
});

htmx.on("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!WITH_FORM.includes(statusOf(ctx))) return;
  const summary = ctx.target.querySelector("[data-conflict],[data-error-summary]");
  summary?.focus();
});

// --- success ------------------------------------------------------------------------------------

document.addEventListener("collab:done", ({ target, detail }) => {
  const form = formOf(target);
  const sent = running.get(target);
  const redirect = detail.redirect ?? wayBack(form, sent, detail);
  expectOwnChange();
  if (form) settleForm(form, sent, detail);
  if (redirect) return leave({ ...detail, redirect });
  closeDialogOf(target);
  if (detail.message) toldOwnChange();
  toast(detail.message);
  if (!isLive()) pollNow();
});

// A form that is a page of its own (opened in a new tab) leads back where its "Cancel" leads, as without JavaScript.
function wayBack(form, sent, { version }) {
  if (!form || version || form.closest("dialog")) return undefined;
  const typedOn = sent && sent !== JSON.stringify(readFields(form));
  return typedOn ? undefined : form.querySelector(".form-actions a[data-dialog-close]")?.href;
}

function leave({ message, redirect }) {
  toastOnNextPage(message);
  location.assign(redirect);
}

function settleForm(form, sent, { reset, version }) {
  renewRequestId(form);
  // What it had come back for is settled; a form that stays open must not go on saying so.
  for (const note of form.querySelectorAll("[data-conflict],[data-error-summary]")) note.remove();
  if (version && form.elements.version) form.elements.version.value = version;
  // Typed on while the request was under way: that part is not saved, so it stays.
  if (sent && sent !== JSON.stringify(readFields(form))) return saveDraft(form);
  clearDraft(form);
  // An edit form must not fall back to the text it has just replaced.
  if (reset && !form.querySelector("input[type=hidden][name=version]")) form.reset();
  else adoptValues(form);
}

// What is saved is the new normal of the form.
function adoptValues(form) {
  for (const field of form.elements) {
    if (field.options) for (const option of field.options) option.defaultSelected = option.selected;
    else if (field.type === "checkbox" || field.type === "radio") field.defaultChecked = field.checked;
    else if ("defaultValue" in field && field.type !== "file") field.defaultValue = field.value;
  }
}

function renewRequestId(form) {
  const field = form.querySelector("input[type=hidden][name=request_id]");
  if (field) field.value = uuid();
}

// crypto.randomUUID exists only on https and localhost.
function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

// --- somebody else's text (R7) --------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-take-from]");
  if (!button) return;
  const field = document.getElementById(button.dataset.takeInto);
  const theirs = document.getElementById(button.dataset.takeFrom).textContent;
  const option = [...(field.options ?? [])].find((one) => one.text.trim() === theirs.trim());
  field.value = option ? option.value : theirs;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
