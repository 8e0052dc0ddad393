// A day of the month opens beside it; without JavaScript its number is a link to a page of its own.
(() => {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const number = event.target.closest?.("[data-day]");
    if (!number) return;
    document.getElementById("day-title").textContent = number.dataset.day;
    document.getElementById("day-body").replaceChildren();
  });

  // the arrow that was used keeps the focus, though the month around it is new
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "month") return;
    const used = event.detail.requestConfig?.elt?.id;
    (document.getElementById(used) ?? document.getElementById("month-title")).focus();
  });
})();
