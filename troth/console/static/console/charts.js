// Draws the pictures: options come as JSON, colours as CSS variables, formats by name; drawn when they come into view, again when the
// theme changes. ECharts itself is fetched with the first picture. Tooltips are built from elements, never from HTML text.
(() => {
  const source = document.currentScript.dataset.echarts;
  const charts = new Map();
  let library;
  let printing = false;

  function echartsLoaded() {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => resolve(window.echarts);
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  }

  const { say } = window.troth;

  /* options: "var(--x)" becomes the theme's colour, {"$format": …} becomes a function */
  function resolve(node, style) {
    if (typeof node === "string") {
      return node.includes("var(--") ? node.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim()) : node;
    }
    if (Array.isArray(node)) return node.map((item) => resolve(item, style));
    if (node === null || typeof node !== "object") return node;
    if (node.$format) return labeller(node);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === "tip" ? value : resolve(value, style)]));
  }

  function labeller(spec) {
    return (given) => {
      if (spec.fixed !== undefined) return say(spec.fixed, spec);
      if (given === null || typeof given !== "object") return say(typeof given === "string" ? Number(given) : given, spec);
      const value = spec.dim === undefined ? given.value : given.value[spec.dim];
      return (spec.before ?? "") + say(Array.isArray(value) ? value[value.length - 1] : value, spec);
    };
  }

  /* tooltips */
  function element(name, text) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function dot(color) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 8 8");
    const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [key, value] of Object.entries({ cx: 4, cy: 4, r: 4, fill: color })) circle.setAttribute(key, value);
    svg.append(circle);
    return svg;
  }

  function tip(title, rows) {
    const box = element("div");
    box.className = "chart-tip";
    if (title) box.append(element("p", title));
    const list = element("dl");
    for (const [label, value, color] of rows) {
      const term = element("dt");
      if (color) term.append(dot(color));
      term.append(label);
      list.append(term, element("dd", value));
    }
    box.append(list);
    return box;
  }

  // A data item may carry its own lines (`tip`: [[label, value], …]); a series may name the dimensions to show (`$tip`).
  function tipOf(params, series) {
    const first = Array.isArray(params) ? params[0] : params;
    const data = first.data;
    if (data && data.tip) return tip(data.title ?? first.name, data.tip.map(([label, value, spec]) => [label, say(value, spec)]));
    const named = series[first.seriesIndex]?.$tip;
    if (named) {
      const rows = named.rows.map(([label, dim, spec]) => [label, say(first.value[dim], spec)]);
      return tip(named.title === undefined ? "" : String(first.value[named.title]), rows);
    }
    const shown = (Array.isArray(params) ? params : [params]).filter((one) => !series[one.seriesIndex]?.$quiet);
    const rows = shown.map((one) => [one.seriesName, valueOf(one, series), one.color]);
    return tip(first.axisValueLabel ?? first.name, rows.concat(intervalOf(first.dataIndex, series)));
  }

  function intervalOf(at, series) {
    const bounds = series.find((one) => one.$interval)?.$interval;
    if (!bounds || bounds.low[at] === null || bounds.high[at] === null) return [];
    return [[bounds.name, `${say(bounds.low[at], bounds.format)} – ${say(bounds.high[at], bounds.format)}`]];
  }

  function valueOf(one, series) {
    const value = Array.isArray(one.value) ? one.value[one.value.length - 1] : one.value;
    return say(value, series[one.seriesIndex]?.$value ?? "count");
  }

  function withTips(option, raw, style) {
    if (!option.tooltip) return option;
    option.tooltip = {
      renderMode: "html",
      appendTo: "body",
      confine: true,
      transitionDuration: 0,
      backgroundColor: style.getPropertyValue("--t-raised").trim(),
      borderColor: style.getPropertyValue("--t-line").trim(),
      textStyle: { color: style.getPropertyValue("--t-ink").trim() },
      ...option.tooltip,
      formatter: (params) => tipOf(params, raw.series),
    };
    return option;
  }

  /* drawing */
  function optionOf(place) {
    const raw = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const style = getComputedStyle(document.documentElement);
    const base = { textStyle: { fontFamily: style.getPropertyValue("--t-font"), fontSize: 12, color: style.getPropertyValue("--t-axis").trim() } };
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const narrow = place.clientWidth < 400 && raw.$narrow ? merge(raw, raw.$narrow) : raw;
    return { raw: narrow, option: withTips({ ...base, animation: !calm && !printing, ...resolve(narrow, style) }, narrow, style) };
  }

  function merge(base, over) {
    if (Array.isArray(base) && Array.isArray(over)) return base.map((item, at) => (over[at] === undefined ? item : merge(item, over[at])));
    if (base === null || typeof base !== "object" || over === null || typeof over !== "object" || Array.isArray(over)) return over;
    const merged = { ...base };
    for (const [key, value] of Object.entries(over)) merged[key] = key in base ? merge(base[key], value) : value;
    return merged;
  }

  async function draw(place) {
    const echarts = await echartsLoaded();
    if (!place.isConnected || place.clientWidth === 0) return;
    const chart = charts.get(place) ?? echarts.init(place, null, { renderer: "canvas" });
    const { raw, option } = optionOf(place);
    chart.setOption(option, true);
    chart.getZr().flush();
    if (!charts.has(place)) {
      charts.set(place, chart);
      new ResizeObserver(() => place.clientWidth && fit(chart)).observe(place);
      chart.on("click", (params) => follow(params, raw));
    }
    place.dataset.drawn = document.documentElement.dataset.bsTheme;
  }

  function fit(chart) {
    chart.resize();
    chart.getZr().flush();
  }

  function follow(params, raw) {
    const series = raw.series[params.seriesIndex] ?? {};
    const named = params.data?.url;
    const url = named ?? (series.$url && Array.isArray(params.value) ? series.$url.replace("{}", params.value[series.$urlDim]) : undefined);
    if (typeof url === "string" && url.startsWith("/")) window.location.assign(url);
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "200px" });

  function watch(root) {
    root.querySelectorAll("[data-chart]").forEach((place) => seen.observe(place));
  }

  window.addEventListener("troth:theme", () => charts.forEach((_, place) => draw(place)));
  document.addEventListener("DOMContentLoaded", () => watch(document));
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && watch(event.detail.elt));
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    charts.get(event.detail.elt)?.dispose();
    charts.delete(event.detail.elt);
  });
  // On paper all are wanted, at once: a printer waits for no animation and no scrolling.
  const print = (now) => () => {
    printing = now;
    document.querySelectorAll("[data-chart]").forEach(draw);
  };
  window.addEventListener("beforeprint", print(true));
  window.addEventListener("afterprint", print(false));

  /* picture, table, CSV */
  function show(card, what) {
    card.querySelectorAll("[data-chart-show]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.chartShow === what)));
    card.querySelector("[data-chart]").hidden = what !== "picture";
    card.querySelector(".chart-table").hidden = what !== "table";
    if (what === "picture") draw(card.querySelector("[data-chart]"));
  }

  // A cell that begins like a formula would be run by a spreadsheet; an apostrophe makes it text.
  function csvCell(text) {
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function csv(table) {
    const rows = [...table.querySelectorAll("tr")];
    const lines = rows.map((row) => [...row.cells].map((cell) => csvCell(cell.dataset.value ?? cell.textContent.trim())).join(","));
    return `\ufeff${lines.join("\r\n")}\r\n`;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart-show], [data-chart-csv]");
    const card = button?.closest("[data-chart-card]");
    if (!card) return;
    if (button.dataset.chartShow) return show(card, button.dataset.chartShow);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv(card.querySelector("table"))], { type: "text/csv;charset=utf-8" }));
    link.download = `${card.dataset.csv}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
})();
