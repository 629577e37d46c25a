// A region is the same text for all of an audience; what differs only by "me" is decided here.
import { page } from "./page.js";
import { allIn, onRendered } from "./render.js";

const OWN = { forPerson: page.person, forMembership: page.membership, forTown: page.town };
const SELECTOR = "[data-for-person],[data-for-membership],[data-for-town]";
const words = (list) => (list ?? "").split(/\s+/).filter(Boolean);

const concernsMe = (element) =>
  Object.entries(OWN).some(([key, own]) => own && words(element.dataset[key]).includes(own));

const MINE = [`person:${page.person}`, `membership:${page.membership}`, `town:${page.town}`];
const isMine = (element) => words(element.dataset.mine).some((word) => MINE.includes(word) && !word.endsWith(":"));

onRendered((root) => {
  for (const element of allIn(root, SELECTOR)) element.hidden = !concernsMe(element);
  for (const element of allIn(root, "[data-not-for-membership]")) {
    element.hidden = words(element.dataset.notForMembership).includes(page.membership);
  }
  for (const element of allIn(root, "[data-not-for-town]")) {
    element.hidden = words(element.dataset.notForTown).includes(page.town);
  }
  for (const element of allIn(root, "[data-mine]")) element.classList.toggle("is-mine", isMine(element));
  for (const element of allIn(root, "[data-changed-at]")) {
    element.classList.toggle("is-new", Date.parse(element.dataset.changedAt) > page.lastVisit);
  }
});
