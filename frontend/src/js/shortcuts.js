// Single-key shortcuts for what has data-shortcut; "?" lists them, and they can be switched off (WCAG 2.1.4).
import { openDialog } from "./dialog.js";
import { fromTemplate } from "./page.js";

const SETTING = "collab:shortcuts";
const TYPING = "input,textarea,select,[contenteditable],dialog[open] *";

function isOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

function setOn(on) {
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch {
    // without storage they stay on
  }
}

const isVisible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const available = () => [...document.querySelectorAll("[data-shortcut]")].filter(isVisible);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]") || !isOn()) return;
  if (event.key === "?" && document.getElementById("dialog")) return listThem(document.activeElement);
  const element = available().find((candidate) => candidate.dataset.shortcut === event.key);
  if (!element) return;
  event.preventDefault();
  // What acts at once does not get the focus: the next press of the space bar would act again.
  if (!element.hasAttribute("hx-post")) element.focus();
  element.click();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-show-shortcuts]");
  if (button) listThem(button);
});

function listThem(opener) {
  const content = fromTemplate("shortcuts");
  const list = content.querySelector("dl");
  for (const element of available()) list.append(row(element));
  const box = content.querySelector("input");
  box.checked = box.defaultChecked = isOn();
  box.addEventListener("change", () => {
    setOn(box.checked);
    box.defaultChecked = box.checked;
  });
  openDialog(content, opener);
}

function row(element) {
  const entry = document.createElement("div");
  const key = document.createElement("kbd");
  const term = document.createElement("dt");
  const meaning = document.createElement("dd");
  key.textContent = element.dataset.shortcut;
  term.append(key);
  meaning.textContent = element.dataset.shortcutLabel || element.textContent.trim();
  entry.append(term, meaning);
  return entry;
}
