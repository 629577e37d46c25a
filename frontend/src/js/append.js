// A hit of a search beside a field: pressing it writes it into the field as a line of its own, once.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-append]");
  const field = document.getElementById(button?.closest("[data-append-into]")?.dataset.appendInto);
  if (!field) return;
  const lines = field.value.split("\n").filter((line) => line.trim());
  if (!lines.includes(button.dataset.append)) lines.push(button.dataset.append);
  field.value = `${lines.join("\n")}\n`;
  button.classList.add("is-taken");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// Enter in the search looks for hits; it must not send the form around it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.(".service-search input")) event.preventDefault();
});
