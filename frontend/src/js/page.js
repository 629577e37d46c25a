// What the server says about this page: the data attributes of <body>, and the texts in its language.
const data = document.body.dataset;

export const page = {
  network: data.network || "",
  version: Number(data.version || 0),
  liveUrl: data.liveUrl || "",
  socketPath: data.socketPath || "",
  person: data.person || "",
  membership: data.membership || "",
  town: data.town || "",
  lastVisit: data.lastVisit ? Date.parse(data.lastVisit) : NaN,
  language: data.language || document.documentElement.lang || "de",
  timeZone: data.timeZone || undefined,
  serverNow: data.serverNow || "",
  loginUrl: data.loginUrl || "/",
};

/** The translated text of <template id="text-…">, with {name} replaced from `values`. */
export function text(name, values = {}) {
  const source = document.getElementById(`text-${name}`)?.content.textContent.trim() ?? "";
  return source.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}

/** A copy of the first element in <template id="tpl-…">. */
export function fromTemplate(name) {
  return document.getElementById(`tpl-${name}`).content.firstElementChild.cloneNode(true);
}

/** "10:32", or with the date when it was not today. */
export function clockTime(date) {
  const today = new Date().toDateString() === date.toDateString();
  const format = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(page.language, format).format(date);
}
