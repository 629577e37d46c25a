// Starts everything once the document is parsed (the script is deferred).
import htmx from "htmx.org";
import "./append.js";
import "./clock.js";
import "./copy.js";
import "./forms.js";
import "./dialog.js";
import "./filters.js";
import "./menus.js";
import "./personal.js";
import "./print.js";
import "./shortcuts.js";
import "./signout.js";
import "./slots.js";
import "./sortable.js";
import "./unsaved.js";
import "./protect.js";
import "./wall.js";
import { rendered } from "./render.js";
import { startSocket } from "./socket.js";
import { showStoredToast } from "./toasts.js";
import { startClock } from "./time.js";

document.documentElement.classList.add("js");
// Answers to requests; regions.js looks after its own swaps.
htmx.on("htmx:after:swap", ({ detail: { ctx } }) => ctx.response && rendered(ctx.target));

rendered(document.body);
startClock();
startSocket();
showStoredToast();
