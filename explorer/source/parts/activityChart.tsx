// A contract's calls and gas over time: bars for calls, a line for gas, with the totals in words beside them.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ContractActivityJson } from "ttchain";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { language, t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { useStore } from "../store.js";
import { theme } from "../theme.js";
import { numberText } from "./format.js";
import { NativeAmounts } from "./nativeAmounts.js";
import { Await, Facts } from "./pieces.js";

const HEIGHT_PX = 180;
const MS_PER_SECOND = 1_000;
const GAS_PER_THOUSAND = 1_000;

/** Spans to choose from: an hour, a day, a month. */
const SPANS = {
  hour: { stepMinutes: 1, points: 60 },
  day: { stepMinutes: 30, points: 48 },
  month: { stepMinutes: 1_440, points: 30 },
} as const;
type Span = keyof typeof SPANS;

function chartOptions(width: number, span: Span): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  const clock = new Intl.DateTimeFormat(
    language.get() === "ko" ? "ko-KR" : "en-GB",
    span === "month" ? { month: "numeric", day: "numeric" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  );
  const bars = uPlot.paths.bars?.({ size: [0.8, 40] });
  const fromZero: uPlot.Scale = { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { calls: fromZero, gas: fromZero },
    axes: [
      { ...axis, space: 90, values: (_plot, values) => values.map((value) => clock.format(value * MS_PER_SECOND)) },
      { ...axis, scale: "calls", size: 56 },
      { ...axis, scale: "gas", side: 1, size: 64, grid: { show: false } },
    ],
    series: [
      {},
      {
        scale: "calls",
        stroke: colour("--accent"),
        fill: colour("--accent-soft"),
        ...(bars === undefined ? {} : { paths: bars }),
        points: { show: false },
      },
      { scale: "gas", stroke: colour("--warn-text"), width: 2, points: { show: false } },
    ],
  };
}

/** Seconds, calls, and thousands of gas, span by span. */
function seriesOf({ series }: ContractActivityJson): uPlot.AlignedData {
  return [
    series.map(({ fromMs }) => fromMs / MS_PER_SECOND),
    series.map(({ calls }) => calls),
    series.map(({ gasUsed }) => gasUsed / GAS_PER_THOUSAND),
  ];
}

function Chart({ activity, span }: { activity: ContractActivityJson; span: Span }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const colours = useStore(theme);
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const plot = new uPlot(chartOptions(element.clientWidth, span), seriesOf(activity), element);
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [colours, activity, span]);
  const calls = activity.series.reduce((sum, one) => sum + one.calls, 0);
  const gas = activity.series.reduce((sum, one) => sum + one.gasUsed, 0);
  const label = t("activity.label", { calls: numberText(calls), gas: numberText(gas) });
  return (
    <>
      <div class="chart" ref={box} role="img" aria-label={label} data-testid="activity-chart" />
      <p class="muted">{label}</p>
    </>
  );
}

export function ContractActivity({ address }: { address: string }): JSX.Element {
  const [span, setSpan] = useState<Span>("day");
  const found = useLoad(() => client.contractActivity(address, SPANS[span]), [address, span]);
  return (
    <section aria-labelledby="activity">
      <h2 id="activity">{t("activity.title")}</h2>
      <fieldset class="actions">
        <legend>{t("activity.span")}</legend>
        {(Object.keys(SPANS) as Span[]).map((name) => (
          <button key={name} type="button" aria-pressed={name === span} onClick={() => setSpan(name)}>
            {t(`activity.${name}`)}
          </button>
        ))}
      </fieldset>
      <Await of={found}>
        {(activity) => (
          <>
            <Chart activity={activity} span={span} />
            <Facts
              rows={[
                [t("activity.calls"), numberText(activity.total.calls)],
                [t("activity.failures"), numberText(activity.total.failures)],
                [t("activity.gas"), numberText(activity.total.gasUsed)],
                [t("activity.in"), <NativeAmounts key="in" amounts={activity.total.valueIn} />],
                [t("activity.out"), <NativeAmounts key="out" amounts={activity.total.valueOut} />],
              ]}
            />
          </>
        )}
      </Await>
    </section>
  );
}
