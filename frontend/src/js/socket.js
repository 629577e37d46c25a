// The live connection: says which regions the page shows and receives them when they change (R1, R2).
// Nothing is written over it. Where it cannot be had, poll.js takes over until it can.
import { currentVersion, deliveredUpTo, receiveGone, receiveRegion } from "./live.js";
import { page } from "./page.js";
import { isPolling, startPolling, stopPolling } from "./poll.js";
import { onRegionSetChange, regionIds } from "./regions.js";
import { isOver, noAccess, setState, signedOut } from "./state.js";

const GIVE_UP_WAITING = 4000; // without "ready" after this, polling starts
const FIRST_RETRY = 500;
const LONGEST_RETRY = 20_000;
const EVERY = 32; // messages after which the server is told at once how many arrived
const PROBE = 3000; // how long a socket may take to prove that it survived the sleep
const SLEPT = 10_000;
const MINUTE = 60_000;

const SIGNED_OUT = 4401;
const ACCESS_CHANGED = 4403;
const NO_ACCESS = 4404;
const FELL_BEHIND = 4408;

let socket = null;
let ready = false;
let failures = 0;
let received = 0;
let beatSeconds = 20;
let beatTimer = 0;
let deadline = 0;
let retryTimer = 0;
let pollTimer = 0;
let hiddenSince = 0;
let day = new Date().toDateString();

export function startSocket() {
  if (!page.socketPath) return;
  connect();
  onRegionSetChange(hello);
  addEventListener("online", reconnectNow);
  addEventListener("offline", wentOffline);
  addEventListener("pagehide", () => abandon());
  addEventListener("pageshow", (event) => event.persisted && reconnectNow());
  document.addEventListener("visibilitychange", visibilityChanged);
  setInterval(noticeNewDay, MINUTE);
}

// --- connecting -----------------------------------------------------------------------------

function connect() {
  clearTimeout(retryTimer);
  retryTimer = 0;
  if (isOver()) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const fresh = new WebSocket(`${scheme}://${location.host}${page.socketPath}`);
  socket = fresh;
  received = 0;
  fresh.onopen = hello;
  // One message, or a list of those that were due together.
  fresh.onmessage = (event) => [JSON.parse(event.data)].flat().forEach(receive);
  fresh.onclose = (event) => closed(event.code);
  pollTimer ||= setTimeout(startPolling, GIVE_UP_WAITING);
}

/** Lets go of the socket without waiting for an answer that a dead network will not bring. */
function abandon() {
  ready = false;
  clearInterval(beatTimer);
  clearTimeout(deadline);
  deadline = 0;
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

function reconnectNow() {
  if (isOver()) return;
  abandon();
  interrupted();
  connect();
}

function interrupted() {
  if (navigator.onLine === false) setState("offline");
  else if (!isPolling()) setState("catching-up");
}

function closed(code) {
  abandon();
  if (code === SIGNED_OUT) return stop(signedOut);
  if (code === NO_ACCESS) return stop(noAccess);
  // Everything this page shows may look different now: ask for all of it.
  if (code === ACCESS_CHANGED) deliveredUpTo(-1);
  failures += 1;
  if (failures >= 2) startPolling();
  interrupted();
  const atOnce = failures === 1 && (code === ACCESS_CHANGED || code === FELL_BEHIND);
  retryTimer = setTimeout(connect, atOnce ? 0 : backOff());
}

function stop(tell) {
  clearTimeout(pollTimer);
  stopPolling();
  tell();
}

// Jitter, so that a restarted server is not met by everybody at the same moment.
function backOff() {
  const longest = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** (failures - 1));
  return longest * (0.5 + Math.random() / 2);
}

// --- the protocol ---------------------------------------------------------------------------

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function hello() {
  send({ t: "hello", v: currentVersion(), regions: regionIds(), lang: page.language });
}

const HANDLERS = {
  ready: becameReady,
  region: (message) => counted(receiveRegion, message),
  gone: (message) => counted(receiveGone, message.id),
  beat: beatAnswered,
};

// What is sent at once comes as a list.
function receive(frame) {
  for (const message of [frame].flat()) HANDLERS[message.t]?.(message);
}

function counted(handle, message) {
  received += 1;
  if (received % EVERY === 0) beat();
  handle(message);
}

function becameReady({ beat: seconds }) {
  ready = true;
  failures = 0;
  beatSeconds = seconds || beatSeconds;
  clearTimeout(pollTimer);
  pollTimer = 0;
  clearInterval(beatTimer);
  beatTimer = setInterval(beat, beatSeconds * 1000);
  stopPolling();
  setState("live");
}

function beat(patience = beatSeconds * 1500) {
  send({ t: "beat", n: received });
  deadline ||= setTimeout(presumedDead, patience);
}

function beatAnswered({ v }) {
  clearTimeout(deadline);
  deadline = 0;
  deliveredUpTo(v);
}

function presumedDead() {
  abandon();
  failures += 1;
  interrupted();
  connect();
}

// --- the computer sleeps, wakes, changes its network ------------------------------------------

// Browsers sometimes say so while the connection holds: ask before telling the person.
function wentOffline() {
  if (isOver()) return;
  if (ready) probe();
  else setState("offline");
}

function probe() {
  clearTimeout(deadline);
  deadline = 0;
  beat(PROBE);
}

// What is overdue, which meeting is next: that changes at midnight without a change of anybody's, so a page that stays
// open asks for everything again. Pages were opened at different seconds, so they do not ask all at once.
function noticeNewDay() {
  const today = new Date().toDateString();
  if (today === day) return;
  day = today;
  deliveredUpTo(-1);
  hello();
}

function visibilityChanged() {
  if (document.hidden) {
    hiddenSince = Date.now();
    return;
  }
  if (isOver() || Date.now() - hiddenSince < SLEPT) return;
  // An open socket may be a dead one after a sleep: it has to answer soon, else a new one is made.
  if (ready) probe();
  else reconnectNow();
}
