// Lints the Dockerfile with dockerfile-utils: every finding counts, warnings too.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { validate } = createRequire(import.meta.url)("dockerfile-utils");

const path = new URL("../../Dockerfile", import.meta.url);
const findings = validate(readFileSync(path, "utf8"), { instructionWorkdirRelative: 2, instructionCasing: 2 });
for (const { range, message } of findings) console.error(`Dockerfile:${range.start.line + 1}: ${message}`);
process.exit(findings.length ? 1 : 0);
