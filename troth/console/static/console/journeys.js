// The editor of journeys: parts open beside the flow, forms ask for themselves anew where a choice changes them,
// and after saving the part that was changed has the focus. Without JavaScript every part is a page of its own.
(() => {
  const drawer = () => document.getElementById("step");

  function openDrawer() {
    if (!drawer()) return;
    const body = document.getElementById("step-body");
    const title = body.querySelector("[data-title]")?.dataset.title;
    if (title) document.getElementById("step-title").textContent = title;
    tabler.Offcanvas.getOrCreateInstance(drawer()).show();
  }

  function closeDrawer() {
    if (drawer()) tabler.Offcanvas.getInstance(drawer())?.hide();
  }

  /* fields that belong only with a certain choice */
  function show(form) {
    for (const field of form.querySelectorAll("[data-shown]")) {
      const control = form.elements[field.dataset.shown];
      field.hidden = !control || !field.dataset.values.split(" ").includes(control.value);
    }
  }

  function dress(root) {
    root.querySelectorAll(".step-form form").forEach(show);
  }

  /* what had the focus is gone with the part before: to the same field of the new one, or to its first */
  let left = "";
  function refocus(body) {
    if (body.contains(document.activeElement) || !left) return;
    const same = left !== "link" && body.querySelector(`[name="${CSS.escape(left)}"]`);
    (same || body.querySelector("form :is(input:not([type=hidden]), select, textarea, button), .kinds a"))?.focus();
    left = "";
  }

  document.addEventListener("htmx:beforeSwap", () => {
    const body = document.getElementById("step-body");
    left = body?.contains(document.activeElement) ? document.activeElement.name || "link" : "";
  });

  /* the drawer opens at once; what belongs in it may take a moment */
  document.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.target.closest?.("[data-step]");
    if (!link || !drawer()) return;
    const body = document.getElementById("step-body");
    body.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet", textContent: document.getElementById("step-waiting").textContent }));
    openDrawer();
  });
  document.addEventListener("htmx:responseError", closeDrawer);
  document.addEventListener("htmx:sendError", closeDrawer);

  document.addEventListener("DOMContentLoaded", () => dress(document));
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "step-body") return;
    dress(event.target);
    openDrawer();
    const wrong = event.target.querySelector("[aria-invalid]") ?? event.target.querySelector("[role=alert]");
    wrong?.scrollIntoView({ block: "center" });
    if (wrong) wrong.focus();
    else refocus(event.target);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest(".step-form form");
    if (!form) return;
    show(form);
    if (!event.target.matches("[data-renews]")) return;
    const address = form.getAttribute("hx-post");
    if (address) {
      htmx.ajax("POST", address, { source: form, target: "#step-body", values: { renew: "yes" } });
      return;
    }
    const renew = Object.assign(document.createElement("input"), { type: "hidden", name: "renew", value: "yes" });
    form.append(renew);
    form.submit();
  });

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-arm]");
    if (add) {
      const template = add.closest(".arm-rows").querySelector("template");
      template.before(template.content.cloneNode(true));
      template.previousElementSibling.querySelector("input:not([type=hidden])").focus();
    }
    const remove = event.target.closest("[data-remove-arm]");
    if (remove) {
      const rest = remove.closest(".arm-rows").querySelector("[data-add-arm]");
      remove.closest(".arm-row").remove();
      rest.focus();
    }
  });

  document.addEventListener("journey-saved", (event) => {
    closeDrawer();
    const item = document.getElementById(`at-${event.detail.place}`);
    const focus = item?.querySelector(".flow-title") ?? document.querySelector("#flow a");
    setTimeout(() => { focus?.focus(); item?.scrollIntoView({ block: "nearest" }); }, 0);
  });
  document.addEventListener("journey-refused", () => {
    closeDrawer();
    document.getElementById("flow-note").scrollIntoView({ block: "center" });
  });
})();
