// What both transports share: up to which version this page has everything, and what to do with what arrives.
import { announce } from "./news.js";
import { page } from "./page.js";
import { applyRegion, removeRegion } from "./regions.js";

let upTo = page.version;

export const currentVersion = () => upTo;

/** Everything up to `version` has been delivered; -1 asks for every region again. */
export function deliveredUpTo(version) {
  upTo = version;
}

export function receiveRegion(message) {
  if (applyRegion(message)) announce(message.news);
}

export const receiveGone = removeRegion;
