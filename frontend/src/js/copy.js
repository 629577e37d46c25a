// [data-copy]: puts its text into the clipboard and says so. Without a clipboard (no HTTPS) the text is selected instead.
import { text } from "./page.js";
import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(text("copied"));
  } catch {
    select(button.parentElement.querySelector("a"));
    toast(text("copy-by-hand"));
  }
});

function select(element) {
  if (element) getSelection().selectAllChildren(element);
}
