// Numbers as people write them: the same rules as troth/console/formats.py, for what charts draw. A browser test holds the two equal.
(() => {
  const chinese = document.documentElement.lang.startsWith("zh");
  const MINUS = "\u2212";
  const units = chinese ? [[1e8, "亿", 1e8 - 5e3], [1e4, "万", 1e4]] : [[1e9, "B", 1e9 - 5e5], [1e6, "M", 1e6 - 500], [1e3, "k", 1e4]];

  function fixed(value, places) {
    return Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  }

  // 0.285 × 100 is 28.499999999999996 to a computer; people expect 28.5.
  function exact(value) {
    return Number(value.toPrecision(12));
  }

  function signed(value, text) {
    return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
  }

  function short(value) {
    const size = Math.abs(value);
    const unit = units.find(([, , from]) => Math.round(size) >= from);
    if (!unit) return fixed(size, size < 10 ? 1 : 0).replace(/\.0$/, "");
    const scaled = exact(size / unit[0]);
    return fixed(scaled, Math.round(scaled * 10) < 1000 ? 1 : 0).replace(/\.0$/, "") + unit[1];
  }

  const formats = {
    count: (value, spec) => signed(value, fixed(value, spec.places ?? 0)),
    compact: (value) => signed(value, short(value)),
    money: (value, spec) => signed(value, spec.symbol + fixed(value, spec.places ?? 2)),
    money_compact: (value, spec) => signed(value, spec.symbol + short(value)),
    percent: (value, spec) => signed(value, fixed(exact(value * 100), spec.places ?? 0) + "%"),
    signed: (value, spec) => (value > 0 ? "+" : "") + signed(value, fixed(value, spec.places ?? 0)),
    text: (value) => String(value),
  };

  function say(value, spec) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const format = typeof spec === "string" ? { $format: spec } : spec || { $format: "text" };
    return typeof value === "number" ? formats[format.$format](value, format) : String(value);
  }

  window.troth = { say };
})();
