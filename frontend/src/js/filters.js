// form[data-filter]: a change filters at once and becomes part of the address; without JS there is a button.
import htmx from "htmx.org";
import { say } from "./news.js";

const PAUSE = 400;
let timer = 0;

const isFilter = (form) => form?.matches?.("form[data-filter]");

function apply(form) {
  clearTimeout(timer);
  const url = new URL(form.action, location.href);
  htmx.ajax("GET", url.pathname, {
    source: form,
    target: "#filtered",
    select: "#filtered",
    swap: "outerMorph",
    push: "true",
  });
}

document.addEventListener("change", (event) => isFilter(event.target.form) && apply(event.target.form));

document.addEventListener("input", (event) => {
  if (!isFilter(event.target.form) || !event.target.matches("[type=search],[type=text]")) return;
  clearTimeout(timer);
  timer = setTimeout(apply, PAUSE, event.target.form);
});

document.addEventListener("submit", (event) => {
  if (!isFilter(event.target)) return;
  event.preventDefault();
  apply(event.target);
});

// Empty filters do not belong into an address that people pass on.
htmx.on("htmx:config:request", ({ detail: { ctx } }) => {
  if (!isFilter(ctx.sourceElement)) return;
  for (const [key, value] of [...ctx.request.body]) if (value === "") ctx.request.body.delete(key);
});

htmx.on("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!isFilter(ctx.sourceElement)) return;
  const result = document.querySelector("#filtered [data-announce]");
  if (result) say(result.textContent.trim());
});
