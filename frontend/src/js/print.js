// [data-print]: prints the page; what is left out says print.css.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) print();
});
