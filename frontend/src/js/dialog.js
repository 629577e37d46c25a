// The one dialog of the page: loads a form or a question from the server, gives the focus back when it closes.
import htmx from "htmx.org";
import { saveDraft } from "./drafts.js";
import { focusHeading } from "./focus.js";
import { fromTemplate, text } from "./page.js";
import { isDirtyForm } from "./protect.js";
import { rendered } from "./render.js";
import { toast } from "./toasts.js";

const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
const FIELD = "input:not([type=hidden]):not([type=submit]),textarea,select";

let opener = null; // {element, id, region}
let loading = false;
let kept = null; // the message that a draft is kept, until it is taken up again

// --- opening --------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const element = event.target.closest?.("[data-dialog]");
  if (!element || element.hasAttribute("hx-get") || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  load(element, element.dataset.dialog || element.getAttribute("href"));
});

async function load(element, url) {
  if (loading) return;
  loading = true;
  try {
    await htmx.ajax("GET", url, { source: element, target: body, swap: "innerHTML" });
  } finally {
    loading = false;
  }
}

// A button that could not do what it says leads on: the answer names the form that says what is possible instead.
document.addEventListener("collab:ask", ({ detail }) => {
  // The button may be gone by now; the link to the same form takes the focus back.
  const link = document.querySelector(`a[data-dialog][href="${CSS.escape(detail.url.split("?")[0])}"]`);
  load(link ?? document.querySelector("main"), detail.url);
});

// Openers that bring their own hx-get end up in the dialog too.
htmx.on("htmx:config:request", ({ detail: { ctx } }) => {
  if (!ctx.sourceElement.hasAttribute("data-dialog") || ctx.request.method !== "GET") return;
  ctx.target = body;
  ctx.swap = "innerHTML";
});

htmx.on("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target === body) open(ctx.sourceElement);
});

/** Shows content of this page (not from the server) in the dialog. */
export function openDialog(content, element) {
  body.replaceChildren(content);
  open(element);
  rendered(body);
}

function open(element) {
  // A link inside the dialog leads to a second step: the first opener stays the one to return to.
  if (!dialog.contains(element)) opener = describe(element);
  kept?.remove();
  if (!dialog.open) dialog.showModal();
  (body.querySelector("[autofocus]") ?? body.querySelector(FIELD) ?? heading()).focus();
}

function heading() {
  const title = body.querySelector("h2") ?? body;
  title.tabIndex = -1;
  return title;
}

const describe = (element) => ({ element, id: element?.id, region: element?.closest("[data-region]")?.id });

// --- closing --------------------------------------------------------------------------------

/** Closes the dialog when `element` is in it. */
export function closeDialogOf(element) {
  if (dialog?.open && dialog.contains(element)) dialog.close();
}

function askedToClose() {
  const dirty = [...body.querySelectorAll("form")].filter(isDirtyForm);
  const lost = dirty.filter((form) => !form.dataset.draft);
  if (lost.length && !dialog.querySelector("[data-confirm-close]")) return confirmClose();
  dirty.forEach(saveDraft);
  dialog.close();
  if (dirty.length > lost.length) kept = toast(text("draft-kept"));
}

// Without a draft the input would be gone: say so once, inside the dialog.
function confirmClose() {
  const question = fromTemplate("confirm-close");
  question.querySelector("[data-confirm-stay]").addEventListener("click", () => question.remove());
  body.prepend(question);
  question.querySelector("[data-confirm-stay]").focus();
}

dialog?.addEventListener("cancel", (event) => {
  if (event.target !== dialog) return; // a file chooser inside was cancelled
  event.preventDefault();
  askedToClose();
});

dialog?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-dialog-close]")) return;
  event.preventDefault();
  askedToClose();
});

dialog?.addEventListener("close", () => {
  body.replaceChildren();
  dialog.querySelectorAll(".banner").forEach((banner) => document.getElementById("banner").append(banner));
  returnFocus();
  rendered(body);
});

function returnFocus() {
  const { element, id, region } = opener ?? {};
  opener = null;
  const target = element?.isConnected ? element : document.getElementById(id ?? "");
  // What opened it may be hidden by now: nothing that is hidden takes the focus.
  if (target?.checkVisibility?.() ?? target) return target.focus();
  const area = document.getElementById(region ?? "") ?? document.querySelector("main");
  if (area) focusHeading(area);
}
