// Menus are plain <details>; here they learn to close: by Escape, by a click elsewhere, when the focus leaves.
const OPEN = "details.menu[open]";

function closeOthers(target) {
  for (const menu of document.querySelectorAll(OPEN)) if (!menu.contains(target)) menu.open = false;
}

document.addEventListener("click", (event) => closeOthers(event.target));
document.addEventListener("focusin", (event) => closeOthers(event.target));

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.(OPEN);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
