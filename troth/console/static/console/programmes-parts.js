// The form of a part: shows what belongs, adds and removes rows, and asks what it would mean while one fills it in.
(() => {
  class PartForm {
    constructor(form) {
      this.form = form;
      this.told = document.getElementById("part-told");
      this.isSaved = true;
      form.addEventListener("input", () => this.changed());
      form.addEventListener("change", (event) => {
        this.show();
        this.changed();
        if (event.target.name === "on") this.ask(event.target.value);
      });
      form.addEventListener("click", (event) => this.click(event));
      form.addEventListener("submit", () => { this.isSaved = true; });
      form.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.matches("input:not([type=submit])")) event.preventDefault();
      });
      this.told.addEventListener("segment-changed", () => this.touch());
      this.told.addEventListener("htmx:afterSwap", () => this.answered());
      window.addEventListener("beforeunload", (event) => this.isSaved || event.preventDefault());
      this.show();
      this.mark();
    }

    touch() {
      this.isSaved = false;
      this.form.elements.touched.value = "yes";
    }

    changed() {
      this.touch();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => htmx.trigger(this.told, "part-changed"), 350);
    }

    /* an input that does not belong is not sent either */
    show() {
      for (const field of this.form.querySelectorAll("[data-shown]")) {
        const control = [...this.form.elements].find((one) => one.name === field.dataset.shown && !one.disabled);
        field.hidden = !control || !field.dataset.values.split(" ").includes(control.value);
        field.querySelectorAll("input, select, button").forEach((one) => { one.disabled = field.hidden; });
      }
    }

    click(event) {
      const add = event.target.closest("[data-add-row]");
      if (add) {
        const template = add.closest(".part-rows").querySelector("template");
        template.before(template.content.cloneNode(true));
        template.previousElementSibling.querySelector("input, select").focus();
      }
      const remove = event.target.closest("[data-remove-row]");
      if (!remove) return;
      const next = remove.closest(".part-rows").querySelector("[data-add-row]");
      remove.closest(".part-row").remove();
      next.focus();
      this.changed();
    }

    /* another happening has other facts */
    async ask(on) {
      const place = this.form.querySelector("[data-scene]");
      const answer = await fetch(`${this.form.dataset.facts}?${new URLSearchParams({ on })}`).catch(() => null);
      if (place && answer?.ok) place.dispatchEvent(new CustomEvent("conditions-facts", { detail: await answer.json() }));
    }

    answered() {
      this.mark();
      const example = document.getElementById("example-form");
      if (example) htmx.trigger(example, "draft-changed");
    }

    /* what is wrong stands at its field */
    mark() {
      const place = document.getElementById("part-wrong");
      const wrong = place ? JSON.parse(place.textContent) : [];
      this.form.querySelectorAll(".part-input").forEach((field) => {
        const own = wrong.filter((one) => one.name && one.name === field.dataset.name && !field.hidden);
        const said = field.querySelector(".field-error");
        said.textContent = own.map((one) => one.message).join(" ");
        said.hidden = !own.length;
        field.classList.toggle("is-wrong", own.length > 0);
        field.querySelectorAll("input:not([type=hidden]), select").forEach((one) => one.toggleAttribute("aria-invalid", own.length > 0));
        const condition = field.querySelector(".conditions");
        if (condition) condition.dispatchEvent(new CustomEvent("conditions-problems", { detail: own.map((one) => one.within) }));
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("part-form");
    if (form) new PartForm(form);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-field]");
      const field = link && document.querySelector(`.part-input[data-name="${link.dataset.field}"]`);
      if (!field) return;
      field.closest("details")?.setAttribute("open", "");
      field.querySelector("input:not([type=hidden]), select, button")?.focus();
    });
  });
})();
