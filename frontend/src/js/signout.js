// Signing out by oneself removes this person's drafts from the browser, after asking once.
import { openDialog } from "./dialog.js";
import { countDrafts, removeAllDrafts } from "./drafts.js";
import { fromTemplate } from "./page.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-sign-out]") || form.dataset.confirmed || !countDrafts()) return;
  event.preventDefault();
  const question = fromTemplate("sign-out");
  question.querySelector("[data-sign-out-confirm]").addEventListener("click", () => {
    removeAllDrafts();
    form.dataset.confirmed = "1";
    form.requestSubmit();
  });
  openDialog(question, event.submitter);
});
