// The frame's behaviour: theme choice, search palette, notes, copying, saving places. No framework; everything also works after an htmx swap.
(() => {
  const body = () => document.body.dataset;

  /* notes that come and go */
  function note(text, tone = "good") {
    const box = document.createElement("div");
    box.className = `toast-note toast-${{ bad: "error", warn: "warning" }[tone] || "success"}`;
    box.append(text);
    document.getElementById("toasts").append(box);
    settle(box);
  }

  function settle(box) {
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", body().textClose);
    close.addEventListener("click", () => box.remove());
    box.append(close);
    // A refusal stays until it is read; good news may go by itself.
    if (!box.classList.contains("toast-error")) setTimeout(() => box.remove(), 7000);
  }

  document.addEventListener("troth:toast", (event) => note(event.detail.text, event.detail.tone));
  document.addEventListener("htmx:responseError", () => note(body().textFailed, "bad"));
  document.addEventListener("htmx:sendError", () => note(body().textOffline, "bad"));

  /* theme: chosen here, kept by the server */
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    document.documentElement.dataset.theme = data.get("theme");
    window.dispatchEvent(new Event("troth:theme-chosen"));
    form.querySelectorAll("[aria-current]").forEach((item) => item.removeAttribute("aria-current"));
    event.submitter.setAttribute("aria-current", "true");
    fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } }).catch(() => note(body().textOffline, "bad"));
  });

  /* search palette */
  const palette = document.getElementById("palette");

  function openPalette() {
    if (!palette || palette.open) return;
    palette.showModal();
    const input = palette.querySelector("input");
    input.select();
    htmx.trigger(input, "palette-open");
  }

  function choose(step) {
    const hits = [...palette.querySelectorAll("[role=option]")];
    if (!hits.length) return;
    const now = hits.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
    select(hits, (now + step + hits.length) % hits.length);
  }

  function select(hits, index) {
    hits.forEach((hit, at) => hit.setAttribute("aria-selected", String(at === index)));
    hits[index].scrollIntoView({ block: "nearest" });
    palette.querySelector("input").setAttribute("aria-activedescendant", hits[index].id);
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
    }
  });

  if (palette) {
    document.querySelectorAll("[data-palette-open]").forEach((button) => button.addEventListener("click", openPalette));
    palette.addEventListener("click", (event) => event.target === palette && palette.close());
    palette.addEventListener("keydown", (event) => {
      if (event.isComposing) return; // Enter and arrows belong to the Chinese input method while it composes
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        choose(step);
      } else if (event.key === "Enter") {
        event.preventDefault();
        palette.querySelector('[aria-selected="true"]')?.click();
      }
    });
    palette.addEventListener("htmx:afterSwap", () => {
      const hits = [...palette.querySelectorAll("[role=option]")];
      if (hits.length) select(hits, 0);
    });
  }

  /* copying */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    note(button.dataset.copied);
  });

  /* after the page or a part of it has come */
  function dress(root) {
    root.querySelectorAll('[data-bs-toggle="tooltip"]').forEach((element) => tabler.Tooltip.getOrCreateInstance(element));
    root.querySelector("[data-autofocus]")?.focus();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("#toasts > .toast-note").forEach(settle);
    document.querySelectorAll(".side-nav [aria-current]").forEach((link) => link.scrollIntoView({ block: "nearest" }));
    if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelectorAll(".search-open kbd").forEach((key) => (key.textContent = "⌘K"));
    dress(document);
  });
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && dress(event.detail.elt));
})();
