// One line of a receipt as black dots on white, by the browser's own fonts.

import type { DrawText } from "./encodeReceipt.js";

const TEXT_DOTS = 24;
const LARGE_DOTS = 48;

export const drawText: DrawText = (text, { widthDots, large, centred }) => {
  const size = large ? LARGE_DOTS : TEXT_DOTS;
  const canvas = document.createElement("canvas");
  canvas.width = widthDots;
  // Rasters of 8 rows; a third of the size leaves room below the base line.
  canvas.height = Math.ceil((size * 4) / 3 / 8) * 8;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new Error("this browser can't draw the receipt");
  }
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#000";
  context.font = `${large ? "bold " : ""}${size}px monospace`;
  context.textAlign = centred ? "center" : "left";
  context.textBaseline = "middle";
  context.fillText(text, centred ? widthDots / 2 : 0, canvas.height / 2, widthDots);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { data, width, height };
};
