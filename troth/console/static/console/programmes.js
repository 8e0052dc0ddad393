// The editor of a programme's text: line numbers, colours, errors at their line; and the rows of the example's basket.
(() => {
  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  const TOKEN = /(#.*$)|("(?:[^"\\]|\\.)*"|'[^']*')|([\w.-]+)(?=\s*:(?:\s|$))|(?<![\w.-])(-?\d+(?:\.\d+)?|true|false|null)(?![\w.-])/g;

  function safe(text) {
    return text.replace(/[&<>]/g, (sign) => SIGNS[sign]);
  }

  function painted(line) {
    let html = "";
    let at = 0;
    for (const found of line.matchAll(TOKEN)) {
      const [, comment, text, key] = found;
      if (comment && found.index > 0 && !/\s/.test(line[found.index - 1])) continue; // a # within a word is no comment
      const kind = comment ? "comment" : text ? "text" : key ? "key" : "value";
      html += `${safe(line.slice(at, found.index))}<span class="code-${kind}">${safe(found[0])}</span>`;
      at = found.index + found[0].length;
    }
    return html + safe(line.slice(at));
  }

  /* forms or text; a wide window has room for both */
  function view(name) {
    document.getElementById("programme-views").dataset.view = name;
    document.querySelectorAll("[data-show]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.show === name)));
  }

  class CodeEditor {
    constructor(box) {
      this.box = box;
      this.form = box.closest("form");
      this.area = box.querySelector("textarea");
      this.paint = box.querySelector(".code-paint");
      this.gutter = box.querySelector(".code-gutter");
      this.saved = this.area.value;
      this.wrong = new Set();
      this.area.addEventListener("input", () => this.changed());
      this.area.addEventListener("scroll", () => this.follow());
      this.area.addEventListener("keydown", (event) => this.key(event));
      this.form.addEventListener("submit", () => { this.saved = this.area.value; });
      window.addEventListener("beforeunload", (event) => this.area.value !== this.saved && event.preventDefault());
      this.mark();
    }

    changed() {
      this.draw();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => htmx.trigger(this.form, "draft-changed"), 350);
    }

    /* Enter keeps the indentation; Tab is left to the browser, so that the keyboard gets out of the field. */
    key(event) {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      const start = this.area.value.lastIndexOf("\n", this.area.selectionStart - 1) + 1;
      const indent = this.area.value.slice(start, this.area.selectionStart).match(/^[ ]*/)[0];
      if (!indent) return;
      event.preventDefault();
      this.area.setRangeText(`\n${indent}`, this.area.selectionStart, this.area.selectionEnd, "end");
      this.area.dispatchEvent(new Event("input"));
    }

    mark() {
      const place = document.getElementById("problem-lines");
      this.wrong = new Set(place ? JSON.parse(place.textContent) : []);
      this.draw();
    }

    draw() {
      const lines = this.area.value.split("\n");
      const row = (line, at, text) => `<span class="code-line${this.wrong.has(at + 1) ? " is-wrong" : ""}">${text}</span>`;
      this.paint.innerHTML = lines.map((line, at) => row(line, at, painted(line) || " ")).join("");
      this.gutter.innerHTML = lines.map((line, at) => row(line, at, at + 1)).join("");
      this.follow();
    }

    follow() {
      this.paint.style.transform = `translate(${-this.area.scrollLeft}px, ${-this.area.scrollTop}px)`;
      this.gutter.scrollTop = this.area.scrollTop;
    }

    show(line, column) {
      view("text");
      const lines = this.area.value.split("\n");
      const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
      this.area.focus();
      this.area.setSelectionRange(start + column - 1, start + (lines[line - 1]?.length ?? 0));
      this.area.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(this.area).lineHeight));
      this.box.scrollIntoView({ block: "nearest" });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.getElementById("code");
    if (!box) return;
    const editor = new CodeEditor(box);
    document.getElementById("checked").addEventListener("htmx:afterSwap", () => editor.mark());
    document.addEventListener("click", (event) => {
      const shown = event.target.closest("[data-show]");
      if (shown) {
        view(shown.dataset.show);
        editor.draw();
      }
      const link = event.target.closest("[data-line]");
      if (link) editor.show(Number(link.dataset.line), Number(link.dataset.column));
      const part = event.target.closest("[data-part]");
      if (part && editor.area.value !== editor.saved) { // what was written as text is saved before the form opens
        event.preventDefault();
        editor.form.elements.next[0].value = part.dataset.part;
        editor.form.requestSubmit();
      }
    });
    const line = Number(new URLSearchParams(location.search).get("line"));
    if (line) editor.show(line, 1);
  });

  /* values that are known for a field, under one list for all fields of a kind */
  function know(input) {
    const kind = input.dataset?.suggest;
    const address = kind && input.tagName === "INPUT" && input.closest("[data-known]")?.dataset.known;
    if (!address) return;
    const id = `known-${kind.replace(".", "-")}`;
    let list = document.getElementById(id);
    if (!list) {
      list = document.createElement("datalist");
      list.id = id;
      document.body.append(list);
    }
    input.setAttribute("list", id);
    if (input.dataset.isKnown) return;
    input.dataset.isKnown = "yes";
    let timer;
    const ask = async () => {
      const answer = await fetch(`${address}?${new URLSearchParams({ field: kind, q: input.value })}`).catch(() => null);
      if (!answer?.ok) return;
      list.replaceChildren(...(await answer.json()).values.map((value) => new Option("", value)));
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
    ask();
  }

  document.addEventListener("focusin", (event) => know(event.target));

  /* the example's basket */
  document.addEventListener("DOMContentLoaded", () => {
    const example = document.getElementById("example-form");
    if (!example) return;
    let timer;
    const tell = () => {
      clearTimeout(timer);
      timer = setTimeout(() => htmx.trigger(example, "example-changed"), 300);
    };
    document.addEventListener("click", (event) => {
      const add = event.target.closest("[data-add-line]");
      if (add) {
        const template = add.parentElement.querySelector("template");
        template.before(template.content.cloneNode(true));
        template.previousElementSibling.querySelector("input").focus();
        tell();
      }
      const remove = event.target.closest("[data-remove-line]");
      if (remove) {
        const next = remove.closest("fieldset").querySelector("[data-add-line]");
        remove.closest(".example-line").remove();
        next.focus();
        tell();
      }
    });
    example.addEventListener("input", (event) => event.target.id !== "order-search" && tell());
    example.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
    });
  });
})();
