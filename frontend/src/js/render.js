// What has to happen to a part of the page after it was put there, whoever put it there:
// the first load, a live update, a dialog, an answer with errors, a filter.
const callbacks = [];

/** Calls `callback(root)` for every part of the page that is new or has changed. */
export function onRendered(callback) {
  callbacks.push(callback);
}

export function rendered(root) {
  if (!(root instanceof Element) || !root.isConnected) return;
  for (const callback of callbacks) callback(root);
}

/** Elements that match inside `root`, and `root` itself. */
export function allIn(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches(selector)) found.unshift(root);
  return found;
}
