// A text as QR code, drawn as one SVG path: dark on white in every theme, because scanners want it so.

import type { JSX } from "preact";
import { encode } from "uqr";

const QUIET_MODULES = 4;

export function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
  const { data, size } = encode(text, { ecc: "M", border: 0 });
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (data[y][x]) {
        path += `M${x} ${y}h1v1h-1z`;
      }
    }
  }
  const side = size + 2 * QUIET_MODULES;
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`${-QUIET_MODULES} ${-QUIET_MODULES} ${side} ${side}`}
      shape-rendering="crispEdges"
    >
      <rect x={-QUIET_MODULES} y={-QUIET_MODULES} width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
