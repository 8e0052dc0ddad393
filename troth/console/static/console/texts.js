// The editor of texts: a fact goes to where the cursor was, and the preview follows what is written.
(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const frame = document.getElementById("mail-frame");
  const show = document.getElementById("mail-button");
  const kind = document.getElementById("kind");
  const insert = document.getElementById("insert-fact");
  let last = null;
  let waiting = 0;

  function draw() {
    document.body.dispatchEvent(new CustomEvent("text-changed"));
    const isMail = kind.value === "email";
    frame.hidden = show.hidden = !isMail;
    if (isMail) form.requestSubmit(show);
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 500);
  }

  form.addEventListener("focusin", (event) => {
    if (event.target.matches(".text-columns textarea, .text-columns input")) last = event.target;
  });
  form.addEventListener("input", (event) => {
    if (event.target !== insert) later();
  });
  insert?.addEventListener("change", () => {
    const field = last ?? form.querySelector(".text-columns textarea, .text-columns input");
    if (insert.value && field) {
      field.setRangeText(`{{ ${insert.value} }}`, field.selectionStart, field.selectionEnd, "end");
      field.focus();
      later();
    }
    insert.value = "";
  });
  window.addEventListener("load", draw);
})();
