// [data-print]: prints the page; what is left out says print.css.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) print();
});

// On paper a link is its address, and every page says whose it is. Done just before printing, also with Ctrl+P:
// regions change, and links are relative.
const head = new CSSStyleSheet();

addEventListener("beforeprint", () => {
  for (const link of document.querySelectorAll(".summary a[href]")) link.dataset.address = link.href;
  const text = document.querySelector("[data-print-head]")?.textContent.replace(/\s+/g, " ").trim();
  head.replaceSync(text ? `@page { @top-left { content: ${JSON.stringify(text)}; } } @page :first { @top-left { content: none; } }` : "");
  // On paper nothing unfolds: who voted how belongs to the minutes, who did not to the decision.
  for (const fold of document.querySelectorAll(":is(details.minutes-voices, [id^=decision-voices] details):not([open])")) {
    fold.open = true;
    fold.dataset.unfolded = "";
  }
  for (const time of document.querySelectorAll("time[data-relative][title]")) {
    time.dataset.said = time.textContent;
    time.textContent = time.title;
  }
  if (!document.adoptedStyleSheets.includes(head)) document.adoptedStyleSheets.push(head);
});

// "3 minutes ago" says nothing on paper; on the screen it is put back.
addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-unfolded]")) {
    fold.open = false;
    delete fold.dataset.unfolded;
  }
  for (const time of document.querySelectorAll("time[data-said]")) {
    time.textContent = time.dataset.said;
    delete time.dataset.said;
  }
});
