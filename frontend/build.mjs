// Copies what the console needs from node_modules into the Python package: styles, scripts, fonts, one sprite of icons.
// Run by `make`; the result is not in git and is part of the wheel, so that nobody needs Node to run Troth.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const target = join(here, "..", "troth", "console", "static", "vendor");

const TEXTS = {
  "tabler.css": "@tabler/core/dist/css/tabler.min.css",
  "tabler.js": "@tabler/core/dist/js/tabler.min.js",
  "htmx.js": "htmx.org/dist/htmx.min.js",
  "alpine.js": "@alpinejs/csp/dist/cdn.min.js",
  "echarts.js": "echarts/dist/echarts.min.js",
};

const FONTS = {
  "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
};

const LICENCES = ["@fontsource-variable/inter", "@tabler/core", "@tabler/icons", "@alpinejs/csp", "echarts", "htmx.org"];

/** Removes the pointers to source maps, which are not shipped: a browser's tools would ask for files that are not there. */
export function stripSourceMap(text) {
  return text.replace(/\n?\/[/*][#@]\s*sourceMappingURL=[^\n*]*(\*\/)?\s*$/gm, "\n");
}

/** Turns one outline file of Tabler Icons into a <symbol> that inherits colour and stroke from where it is used. */
export function symbol(name, svg) {
  const body = svg
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  if (!body) throw new Error(`icon ${name}: nothing to draw`);
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
}

/** Reads the list of icons: one name a line, # begins a remark. */
export function iconNames(text) {
  const names = text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length) throw new Error(`icons.txt names twice: ${twice.join(", ")}`);
  return names.sort();
}

async function sprite() {
  const names = iconNames(await readFile(join(here, "icons.txt"), "utf8"));
  const symbols = await Promise.all(
    names.map(async (name) => symbol(name, await readFile(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8"))),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

async function licences() {
  const parts = await Promise.all(
    LICENCES.map(async (name) => {
      const { version, license } = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));
      const text = await readFile(join(modules, name, "LICENSE"), "utf8").catch(() => "");
      return `${name} ${version} (${license})\n${"=".repeat(72)}\n${text}`;
    }),
  );
  return parts.join("\n\n");
}

async function build() {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const [name, source] of Object.entries(TEXTS)) {
    await writeFile(join(target, name), stripSourceMap(await readFile(join(modules, source), "utf8")));
  }
  for (const [name, source] of Object.entries(FONTS)) {
    await writeFile(join(target, name), await readFile(join(modules, source)));
  }
  await writeFile(join(target, "icons.svg"), await sprite());
  await writeFile(join(target, "LICENCES.txt"), await licences());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
