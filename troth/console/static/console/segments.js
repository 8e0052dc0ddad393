// The editor of segments: draws the tree of conditions from the catalogue, keeps it as plain data, and tells the preview when it changed.
// Everything is a native control, so that keyboard, screen reader and phone work; elements are built, never HTML text.
(() => {
  const MODES = ["all", "any", "none", "not_all"];
  const PARTS = ["contains", "not_contains", "starts_with"]; // a part of a code has no name of its own
  let serial = 0;

  function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  /* JSON of the condition language <-> what the editor shows: "not" is a way of joining, not a box of its own */
  function fromJson(node) {
    if (node.all) return group("all", node.all.map(fromJson));
    if (node.any) return group("any", node.any.map(fromJson));
    if (node.not) {
      const part = node.not;
      if (part.any) return group("none", part.any.map(fromJson));
      if (part.all) return group("not_all", part.all.map(fromJson));
      return group("none", [fromJson(part)]);
    }
    return { id: ++serial, field: node.field ?? "", operator: node.operator ?? "", value: node.value, with: { ...(node.with ?? {}) } };
  }

  function group(mode, items) {
    return { id: ++serial, mode, items };
  }

  function toJson(node, path, places) {
    places.push([path, node.id]);
    if (!node.items) {
      const leaf = { field: node.field, operator: node.operator };
      if (node.value !== undefined && node.value !== "") leaf.value = node.value;
      if (Object.keys(node.with).length) leaf.with = node.with;
      return leaf;
    }
    const at = path ? `${path}.` : "";
    const key = node.mode === "all" || node.mode === "not_all" ? "all" : "any";
    const inside = node.mode === "none" || node.mode === "not_all" ? `${at}not.${key}` : at + key;
    const items = node.items.map((item, index) => toJson(item, `${inside}[${index}]`, places));
    return node.mode === "none" || node.mode === "not_all" ? { not: { [key]: items } } : { [key]: items };
  }

  /* the named codes, and the one chosen if nobody named it: it may be compared with as well */
  function withOwn(names, value) {
    return !value || names.some(([code]) => code === value) ? names : [[value, value], ...names];
  }

  class Editor {
    constructor(place, catalogue, definition) {
      this.place = place;
      this.catalogue = catalogue;
      this.texts = catalogue.texts;
      this.fields = new Map(catalogue.groups.flatMap((one) => one.fields.map((field) => [field.code, field])));
      const root = fromJson(definition);
      this.root = root.items ? root : group("all", [root]);
      this.places = [];
      this.input = document.getElementById(place.dataset.input ?? "definition");
      this.preview = `#${place.dataset.preview ?? "preview"}`;
      this.draw();
      if (place.dataset.preview) this.keep();
      else this.tell();
    }

    /* other facts to choose from; what is chosen already stays */
    use(catalogue) {
      this.catalogue = catalogue;
      this.texts = catalogue.texts;
      this.fields = new Map(catalogue.groups.flatMap((one) => one.fields.map((field) => [field.code, field])));
      this.draw();
      this.tell();
    }

    /* telling */
    keep() {
      this.places = [];
      this.input.value = JSON.stringify(toJson(this.root, "", this.places));
    }

    tell() {
      this.keep();
      htmx.trigger(this.preview, "segment-changed");
    }

    mark(paths) {
      this.place.querySelectorAll(".is-wrong").forEach((row) => row.classList.remove("is-wrong"));
      for (const path of paths) {
        const near = this.places.filter(([at]) => path === at || path.startsWith(`${at}.`)).sort((a, b) => b[0].length - a[0].length)[0];
        if (near) this.place.querySelector(`[data-node="${near[1]}"]`)?.classList.add("is-wrong");
      }
    }

    /* drawing */
    draw(focus) {
      this.place.replaceChildren(this.drawGroup(this.root, null));
      if (focus) this.place.querySelector(focus)?.focus();
    }

    changed(focus) {
      this.draw(focus);
      this.tell();
    }

    drawGroup(node, parent) {
      const mode = make("select", {
        class: "form-select group-mode", "aria-label": this.texts.group, "data-key": `mode-${node.id}`,
        onchange: (event) => { node.mode = event.target.value; this.tell(); },
      }, ...MODES.map((one) => make("option", { value: one, selected: one === node.mode }, this.texts[one])));
      const head = make("div", { class: "group-head" }, mode, parent ? this.removal(node, parent, this.texts.remove_group) : null);
      const items = node.items.map((item) => (item.items ? this.drawGroup(item, node) : this.drawRow(item, node)));
      const none = !parent && !node.items.length ? make("p", { class: "quiet" }, this.texts.everybody) : null;
      const foot = make("div", { class: "row-line" },
        make("button", { type: "button", class: "btn btn-sm", "data-key": `add-${node.id}`, onclick: () => this.addRow(node) }, this.icon("plus"), this.texts.add_condition),
        make("button", { type: "button", class: "btn btn-sm btn-quiet", onclick: () => this.addGroup(node) }, this.icon("square-plus"), this.texts.add_group));
      return make("fieldset", { class: "condition-group", "data-node": node.id }, make("legend", { class: "visually-hidden" }, this.texts.group), head, ...items, none, foot);
    }

    drawRow(node, parent) {
      const field = this.fields.get(node.field);
      const parts = [this.fieldChoice(node)];
      if (field) {
        parts.push(this.operatorChoice(node, field));
        const shape = field.operators.find(([code]) => code === node.operator)?.[2];
        if (shape && shape !== "none") parts.push(make("div", { class: "condition-value" }, ...this.valueInputs(node, field, shape)));
        if (field.params.length) parts.push(this.narrowing(node, field));
        if (field.description) parts.push(make("small", { class: "condition-note quiet" }, field.description));
      }
      return make("div", { class: "condition-row", role: "group", "aria-label": field?.label ?? this.texts.condition, "data-node": node.id },
        make("div", { class: "condition-parts" }, ...parts), this.removal(node, parent, this.texts.remove));
    }

    fieldChoice(node) {
      const options = this.catalogue.groups.map((one) => make("optgroup", { label: one.label },
        ...one.fields.map((field) => make("option", { value: field.code, selected: field.code === node.field }, field.label))));
      const gone = node.field && !this.fields.has(node.field) ? [make("option", { value: node.field, selected: true }, node.field)] : [];
      return make("select", {
        class: "form-select condition-field", "aria-label": this.texts.field, "data-key": `field-${node.id}`,
        onchange: (event) => this.choose(node, event.target.value),
      }, make("option", { value: "", selected: !node.field }, this.texts.choose), ...gone, ...options);
    }

    choose(node, code) {
      const field = this.fields.get(code);
      Object.assign(node, { field: code, with: {} });
      this.setOperator(node, field, field?.operators[0][0] ?? "");
      this.changed(`[data-key="field-${node.id}"]`);
    }

    operatorChoice(node, field) {
      return make("select", {
        class: "form-select condition-operator", "aria-label": this.texts.operator, "data-key": `operator-${node.id}`,
        onchange: (event) => { this.setOperator(node, field, event.target.value); this.changed(`[data-key="operator-${node.id}"]`); },
      }, ...field.operators.map(([code, label]) => make("option", { value: code, selected: code === node.operator }, label)));
    }

    /* The value stays where the new operator takes one of the same shape. */
    setOperator(node, field, code) {
      const shapeOf = (one) => field?.operators.find(([found]) => found === one)?.[2];
      const [before, after] = [shapeOf(node.operator), shapeOf(code)];
      const keeps = node.operator && before === after && this.lastField === field;
      this.lastField = field;
      node.operator = code;
      if (!keeps) node.value = { days: 30, period: "this_month", many: [], months: [], range: ["", ""] }[after];
    }

    valueInputs(node, whole, shape) {
      const field = PARTS.includes(node.operator) ? { ...whole, names: null } : whole;
      const set = (value) => { node.value = value; this.tell(); };
      if (shape === "days") return [this.number(node.value, set, { min: 1, step: 1 }), make("span", { class: "unit" }, this.texts.days)];
      if (shape === "period") return [this.select(this.catalogue.periods, node.value, set)];
      if (shape === "months") return [this.chips(node, this.catalogue.months, node.value ?? [], (value) => set(value.map(Number)))];
      if (shape === "many") return [this.many(node, field, node.value ?? [], set)];
      if (shape === "range") return this.range(node, field);
      return [...this.one(field, node.value, set), this.unit(field)].filter(Boolean);
    }

    range(node, field) {
      const pair = Array.isArray(node.value) ? node.value : ["", ""];
      const set = (at) => (value) => { pair[at] = value; node.value = [...pair]; this.tell(); };
      return [...this.one(field, pair[0], set(0), this.texts.from), make("span", { class: "unit" }, "–"), ...this.one(field, pair[1], set(1), this.texts.to), this.unit(field)].filter(Boolean);
    }

    unit(field) {
      return field.unit ? make("span", { class: "unit" }, field.unit) : null;
    }

    one(field, value, set, label = this.texts.value) {
      if (field.choices) return [this.select(field.choices, value, set, label)];
      if (field.names) return [this.select(withOwn(field.names, value), value, set, label)];
      if (field.type === "date" || field.type === "moment") return [make("input", { type: "date", class: "form-control", value: value ?? "", "aria-label": label, onchange: (event) => set(event.target.value) })];
      if (["count", "number", "money"].includes(field.type)) return [this.number(value, set, { step: field.type === "count" ? 1 : "any" }, label)];
      const list = field.suggests ? this.suggestions({ field: field.code }) : null;
      const input = make("input", { type: "text", class: "form-control", maxlength: 200, value: value ?? "", list: list?.id, "aria-label": label, autocomplete: "off", oninput: (event) => { set(event.target.value); list?.ask(event.target.value); } });
      if (list) input.addEventListener("focus", () => list.ask(input.value), { once: true });
      return [input, list?.element].filter(Boolean);
    }

    number(value, set, limits, label = this.texts.value) {
      return make("input", { type: "number", inputmode: "decimal", class: "form-control", value: value ?? "", "aria-label": label, ...limits, oninput: (event) => set(event.target.value) });
    }

    select(options, value, set, label = this.texts.value) {
      const known = options.some(([code]) => String(code) === String(value));
      return make("select", { class: "form-select", "aria-label": label, onchange: (event) => set(event.target.value) },
        known ? null : make("option", { value: "", selected: true }, "–"), ...options.map(([code, text]) => make("option", { value: code, selected: String(code) === String(value) }, text)));
    }

    many(node, field, values, set, param) {
      const choices = param ? param.choices : field.choices ?? field.names;
      if (choices) return this.chips(node, choices, values, set);
      return this.tokens(values, set, param ?? field, param ? { field: field.code, param: param.code } : { field: field.code });
    }

    /* chips: chosen from a list */
    chips(node, options, values, set) {
      const box = make("div", { class: "chips" });
      const redraw = (next, focus) => { set(next); box.replaceWith(this.chips(node, options, next, set)); void focus; };
      const left = options.filter(([code]) => !values.map(String).includes(String(code)));
      box.append(...values.map((value) => {
        const label = options.find(([code]) => String(code) === String(value))?.[1] ?? String(value);
        return this.chip(label, () => redraw(values.filter((one) => one !== value)));
      }));
      if (left.length) box.append(make("select", { class: "form-select chip-add", "aria-label": this.texts.add_value, onchange: (event) => event.target.value && redraw([...values, event.target.value]) },
        make("option", { value: "" }, this.texts.add_value), ...left.map(([code, text]) => make("option", { value: code }, text))));
      return box;
    }

    /* tokens: typed, with suggestions */
    tokens(values, set, source, query) {
      const box = make("div", { class: "chips" });
      const list = source.suggests ? this.suggestions(query) : null;
      const redraw = (next) => {
        set(next);
        const fresh = this.tokens(next, set, source, query);
        box.replaceWith(fresh);
        fresh.querySelector("input").focus();
      };
      const add = (text) => text.trim() && !values.includes(text.trim()) && redraw([...values, text.trim()]);
      const input = make("input", {
        type: "text", class: "form-control chip-type", maxlength: 200, placeholder: this.texts.type_value, "aria-label": this.texts.type_value, list: list?.id, autocomplete: "off",
        oninput: (event) => { if (list?.has(event.target.value) && event.inputType !== "insertText") add(event.target.value); else list?.ask(event.target.value); },
        onchange: (event) => add(event.target.value),
        onkeydown: (event) => {
          if (event.isComposing) return; // Enter belongs to the Chinese input method while it composes
          if (event.key === "Enter") { event.preventDefault(); add(event.target.value); }
          if (event.key === "Backspace" && !event.target.value && values.length) redraw(values.slice(0, -1));
        },
      });
      if (list) input.addEventListener("focus", () => list.ask(input.value), { once: true });
      box.append(...values.map((value) => this.chip(value, () => redraw(values.filter((one) => one !== value)))), input);
      if (list) box.append(list.element);
      return box;
    }

    chip(label, remove) {
      return make("span", { class: "chip" }, label, make("button", { type: "button", class: "chip-off", "aria-label": `${this.texts.remove}: ${label}`, onclick: remove }, "×"));
    }

    suggestions(query) {
      const id = `suggest-${++serial}`;
      const element = make("datalist", { id });
      let timer;
      let known = [];
      const ask = (text) => {
        clearTimeout(timer);
        timer = setTimeout(async () => {
          const asked = new URLSearchParams({ ...query, q: text });
          const answer = await fetch(`${this.place.dataset.suggest}?${asked}`).catch(() => null);
          if (!answer?.ok) return;
          known = (await answer.json()).values;
          element.replaceChildren(...known.map((value) => make("option", { value })));
        }, 200);
      };
      return { id, element, ask, has: (text) => known.includes(text) };
    }

    /* params: what a fact counts, narrowed down */
    narrowing(node, field) {
      const used = field.params.filter((param) => param.code in node.with);
      const free = field.params.filter((param) => !(param.code in node.with));
      const box = make("div", { class: "condition-params" }, ...used.map((param) => this.param(node, field, param)));
      if (free.length) box.append(make("select", {
        class: "form-select param-add", "aria-label": this.texts.narrow, "data-key": `narrow-${node.id}`,
        onchange: (event) => {
          const param = field.params.find((one) => one.code === event.target.value);
          node.with[param.code] = param.kind === "days" ? 90 : [];
          this.changed(`[data-key="param-${node.id}-${param.code}"] input, [data-key="param-${node.id}-${param.code}"] select`);
        },
      }, make("option", { value: "" }, this.texts.narrow), ...free.map((param) => make("option", { value: param.code }, param.label))));
      return box;
    }

    param(node, field, param) {
      const set = (value) => { node.with[param.code] = value; this.tell(); };
      const [before, after = ""] = param.label.split("…");
      const input = param.kind === "days" ? this.number(node.with[param.code], set, { min: 1, step: 1 }, param.label) : this.many(node, field, node.with[param.code], set, param);
      const off = make("button", { type: "button", class: "chip-off", "aria-label": `${this.texts.remove}: ${param.label}`, onclick: () => { delete node.with[param.code]; this.changed(`[data-key="narrow-${node.id}"]`); } }, "×");
      return make("div", { class: "param", "data-key": `param-${node.id}-${param.code}` }, make("span", {}, before.trim()), input, make("span", {}, after.trim()), off);
    }

    /* adding and removing */
    addRow(node) {
      const row = fromJson({ field: "", operator: "" });
      node.items.push(row);
      this.changed(`[data-key="field-${row.id}"]`);
    }

    addGroup(node) {
      const row = fromJson({ field: "", operator: "" });
      node.items.push(group(node.mode === "any" ? "all" : "any", [row]));
      this.changed(`[data-key="field-${row.id}"]`);
    }

    removal(node, parent, label) {
      return make("button", { type: "button", class: "tag-off condition-off", "aria-label": label, title: label, onclick: () => {
        parent.items = parent.items.filter((one) => one !== node);
        this.changed(`[data-key="add-${parent.id}"]`);
      } }, this.icon("x"));
    }

    icon(name) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("class", "icon");
      svg.setAttribute("aria-hidden", "true");
      const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", `${this.place.dataset.icon}#${name}`);
      svg.append(use);
      return svg;
    }
  }

  function read(id) {
    return JSON.parse(document.getElementById(id).textContent);
  }

  function begun(place, catalogue, definition) {
    const given = read(definition);
    return new Editor(place, read(catalogue), given && typeof given === "object" ? given : { all: [] });
  }

  /* several on one page: data-input, data-preview, data-catalogue and data-definition say what belongs to which */
  function begin(root) {
    root.querySelectorAll("[data-preview].conditions:not([data-begun])").forEach((place) => {
      place.dataset.begun = "";
      const editor = begun(place, place.dataset.catalogue, place.dataset.definition);
      place.addEventListener("conditions-facts", (event) => editor.use(event.detail));
      place.addEventListener("conditions-problems", (event) => editor.mark(event.detail));
    });
  }

  document.addEventListener("DOMContentLoaded", () => begin(document));
  document.addEventListener("htmx:load", (event) => begin(event.detail.elt)); // a form that came later

  document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("conditions");
    if (!place) return;
    const editor = begun(place, "segment-catalogue", "segment-definition");
    document.getElementById("preview").addEventListener("htmx:afterSwap", () => {
      const problems = document.getElementById("segment-problems");
      editor.mark(problems ? JSON.parse(problems.textContent) : []);
    });
  });
})();
