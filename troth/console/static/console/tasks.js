// Tasks by keyboard: 1 to 9 choose how it went, W goes to the note, Ctrl+Enter notes it and opens the next, N and T press their buttons.
(() => {
  function isWriting(target) {
    return target.closest("input:not([type=radio]), textarea, select, [contenteditable]") !== null;
  }

  function pressed(event) {
    const form = document.getElementById("outcome-form");
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return form?.querySelector("[data-key=Enter]");
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return null;
    if (document.querySelector(".modal.show, dialog[open]")) return null;
    return /^[\da-z]$/i.test(event.key) ? document.querySelector(`[data-key="${event.key.toLowerCase()}"]`) : null;
  }

  document.addEventListener("keydown", (event) => {
    const control = pressed(event);
    if (!control) return;
    event.preventDefault();
    if (control.matches("textarea")) control.focus();
    else control.click();
  });

  // "Again at" matters only for outcomes that keep the task; a note is asked for where the outcome needs one.
  function follow(form) {
    const again = form.querySelector(".again-field"), note = form.elements.note;
    const show = () => {
      const chosen = form.querySelector("input[name=outcome]:checked");
      again.hidden = !chosen || chosen.dataset.effect !== form.dataset.again;
      note.required = Boolean(chosen && chosen.dataset.note);
    };
    form.addEventListener("change", show);
    show();
  }

  function putFacts(form) {
    let last = form.elements.body_zh.value || !form.elements.body.value ? form.elements.body_zh : form.elements.body;
    for (const area of [form.elements.body, form.elements.body_zh]) area.addEventListener("focus", () => { last = area; });
    for (const button of document.querySelectorAll("[data-fact]")) {
      button.addEventListener("click", () => {
        last.setRangeText(`{{ ${button.dataset.fact} }}`, last.selectionStart, last.selectionEnd, "end");
        last.focus();
        last.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const outcome = document.getElementById("outcome-form");
    if (outcome) follow(outcome);
    const script = document.getElementById("script-form");
    if (script) putFacts(script);
  });
})();
