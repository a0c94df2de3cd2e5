// Where the kernel generators put what they write: assembly/generated/, which is built, not kept.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "assembly", "generated");

/** Writes assembly/generated/<name>.ts; an unchanged file keeps its time. */
export function writeGenerated(name, generator, lines) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.ts`);
  const text = `// Written by scripts/${generator}: do not edit.\n${lines.join("\n")}\n`;
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    writeFileSync(path, text);
  }
}
