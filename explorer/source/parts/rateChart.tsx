// Payments a second over the last ten minutes. Drawn once a second at most, whatever arrives.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { language, t } from "../i18n/translate.js";
import { LIVE_WINDOW_MS, type LiveBlock } from "../live.js";
import { useStore } from "../store.js";
import { theme } from "../theme.js";
import { numberText } from "./format.js";

const BUCKET_MS = 5_000;
const HEIGHT_PX = 180;
const DRAW_INTERVAL_MS = 1_000;

/** Seconds and payments a second, bucket by bucket. */
export function rateSeries(blocks: LiveBlock[]): [number[], number[]] {
  const lastMs = blocks.at(-1)?.timeMs ?? 0;
  // The bucket that is still filling would look like a fall.
  const end = Math.floor(lastMs / BUCKET_MS) - 1;
  const count = LIVE_WINDOW_MS / BUCKET_MS;
  const rates = new Array<number>(count).fill(0);
  for (const block of blocks) {
    const index = Math.floor(block.timeMs / BUCKET_MS) - end + count - 1;
    if (index >= 0 && index < count) {
      rates[index] += (block.transactionCount * 1_000) / BUCKET_MS;
    }
  }
  const times = rates.map((_, index) => ((end - count + 1 + index) * BUCKET_MS) / 1_000);
  return [times, rates];
}

function chartOptions(width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  const clock = new Intl.DateTimeFormat(language.get() === "ko" ? "ko-KR" : "en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, space: 90, values: (_plot, values) => values.map((value) => clock.format(value * 1_000)) },
      { ...axis, size: 56 },
    ],
    series: [{}, { stroke: colour("--accent"), fill: colour("--accent-soft"), width: 2, points: { show: false } }],
  };
}

export function RateChart({ blocks }: { blocks: LiveBlock[] }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(blocks);
  latest.current = blocks;
  const colours = useStore(theme);
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const plot = new uPlot(chartOptions(element.clientWidth), rateSeries(latest.current), element);
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resize.observe(element);
    let drawn = latest.current;
    const timer = setInterval(() => {
      if (drawn !== latest.current && document.visibilityState === "visible") {
        drawn = latest.current;
        plot.setData(rateSeries(drawn));
      }
    }, DRAW_INTERVAL_MS);
    return () => {
      clearInterval(timer);
      resize.disconnect();
      plot.destroy();
    };
  }, [colours]);
  const rates = rateSeries(blocks)[1];
  const label = t("live.chartLabel", { max: numberText(Math.max(...rates), 1), now: numberText(rates.at(-1) ?? 0, 1) });
  return (
    <section aria-labelledby="chart">
      <h2 id="chart">{t("live.chart")}</h2>
      <div class="chart" ref={box} role="img" aria-label={label} />
    </section>
  );
}
