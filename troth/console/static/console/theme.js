// Before the first paint: turns "auto" into what the device prefers, and follows it when it changes.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let printing = false;
  const apply = () => {
    const chosen = printing ? "light" : root.dataset.theme; // paper is white
    const theme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
    if (root.dataset.bsTheme === theme) return;
    root.dataset.bsTheme = theme;
    window.dispatchEvent(new Event("troth:theme"));
  };
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("troth:theme-chosen", apply);
  const print = (now) => () => {
    printing = now;
    apply();
  };
  window.addEventListener("beforeprint", print(true));
  window.addEventListener("afterprint", print(false));
})();
