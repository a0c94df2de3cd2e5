// Digits as a Code 128 barcode, drawn as one SVG path: black on white in every theme, with the quiet zones that scanners want.

import type { JSX } from "preact";
import { code128Widths } from "./code128.js";

const QUIET_MODULES = 10;
const HEIGHT_MODULES = 40;

export function Barcode({ digits, label }: { digits: string; label: string }): JSX.Element {
  let x = QUIET_MODULES;
  let path = "";
  for (const [index, width] of code128Widths(digits).entries()) {
    path += index % 2 === 0 ? `M${x} 2h${width}v${HEIGHT_MODULES - 4}h-${width}z` : "";
    x += width;
  }
  const side = x + QUIET_MODULES;
  return (
    <svg
      class="barcode"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${side} ${HEIGHT_MODULES}`}
      shape-rendering="crispEdges"
    >
      <rect width={side} height={HEIGHT_MODULES} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
