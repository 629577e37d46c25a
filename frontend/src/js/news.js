// What changed, for screen readers: one polite region, one message for all that came within some seconds.
import { text } from "./page.js";

const COLLECT = 3000;
const MOST = 3;
const CLEAR = 15_000;

const box = document.getElementById("live-news");
let lines = new Set();
let timer = 0;

/** Adds lines to the next announcement; the same line is said once. */
export function announce(news = []) {
  for (const line of news) lines.add(line);
  if (lines.size && box) timer ||= setTimeout(speak, COLLECT);
}

function speak() {
  const words = lines.size > MOST ? [text("many-changes", { n: lines.size })] : [...lines];
  lines = new Set();
  timer = 0;
  box.replaceChildren(...words.map(paragraph));
  const spoken = box.firstChild;
  setTimeout(() => spoken === box.firstChild && box.replaceChildren(), CLEAR);
}

function paragraph(words) {
  const element = document.createElement("p");
  element.textContent = words;
  return element;
}
