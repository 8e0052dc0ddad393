import assert from "node:assert/strict";
import { test } from "node:test";

import { iconNames, stripSourceMap, symbol } from "./build.mjs";

test("pointers to source maps go, in scripts and in styles, and nothing else", () => {
  assert.equal(stripSourceMap("a();\n//# sourceMappingURL=a.js.map\n"), "a();\n");
  assert.equal(stripSourceMap("a{b:c}\n/*# sourceMappingURL=a.css.map */"), "a{b:c}\n");
  assert.equal(stripSourceMap("const u = 1; // no map\n"), "const u = 1; // no map\n");
});

test("an icon becomes a symbol without its invisible frame", () => {
  const svg = '<!--\ntags: []\n-->\n<svg\n  width="24"\n>\n  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n  <path d="M5 12l5 5" />\n</svg>\n';
  assert.equal(symbol("check", svg), '<symbol id="check" viewBox="0 0 24 24"><path d="M5 12l5 5" /></symbol>');
  assert.throws(() => symbol("empty", "<svg></svg>"), /empty: nothing to draw/);
});

test("the list of icons is sorted, may have remarks, and names nothing twice", () => {
  assert.deepEqual(iconNames("user # a person\n\nhome\n"), ["home", "user"]);
  assert.throws(() => iconNames("home\nhome\n"), /names twice: home/);
});
