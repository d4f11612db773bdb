import type { ScatterSeriesOption } from "echarts/charts";
import type { GridComponentOption, LegendComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
// One file in place of its five hundred modules, whose loading took more than a second of every start.
import { init } from "echarts/dist/echarts.esm.min.mjs";
import { bySeverity } from "../findings/finding.ts";
import { Severity, type Timeline, TimelineLane } from "../findings/findings.ts";
import { laneTitles } from "../findings/timeline.ts";
import { severityWords, utcMinute } from "../findings/words.ts";

type Option = ComposeOption<ScatterSeriesOption | GridComponentOption | LegendComponentOption>;

/** In pixels; the PNG has twice as many. Discord shows some 500 of them on a desk and fewer on a phone. */
const WIDTH = 640;
const LANE_HEIGHT = 44;
const FRAME = { left: 128, right: 20, top: 44, bottom: 48 };

/** Told apart without colours too: the grave ones are larger and of another shape. */
const MARKS: Readonly<Record<Severity, { colour: string; size: number; symbol: string }>> = {
  critical: { colour: "#b3261e", size: 16, symbol: "diamond" },
  high: { colour: "#d9660a", size: 13, symbol: "triangle" },
  medium: { colour: "#b58900", size: 11, symbol: "rect" },
  low: { colour: "#5b7083", size: 9, symbol: "circle" },
  info: { colour: "#9aa5b1", size: 7, symbol: "circle" },
};
/** What the legend calls an event that no finding above "info" rests on. */
const ORDINARY = "Other";

/**
 * The timeline as SVG: a lane for each kind of event, a mark for each event. It holds our own words alone, so it is as
 * public as the verdict. Takes some 50 ms.
 */
export function drawTimeline({ start, end, events }: Timeline): string {
  const lanes = TimelineLane.options.filter((lane) => events.some((event) => event.lane === lane));
  const severities = Severity.options.filter((severity) =>
    events.some((event) => event.severity === severity),
  );
  const chart = init(null, null, {
    renderer: "svg",
    ssr: true,
    width: WIDTH,
    height: FRAME.top + lanes.length * LANE_HEIGHT + FRAME.bottom,
  });
  const isShort = Date.parse(end) - Date.parse(start) < 3 * DAY_MS;
  const axisLabel = { color: "#1f2933", fontSize: 13, fontFamily: FONT };
  const option: Option = {
    useUTC: true,
    animation: false,
    backgroundColor: "#ffffff",
    grid: FRAME,
    legend: {
      top: 8,
      left: FRAME.left,
      selectedMode: false,
      textStyle: axisLabel,
      data: severities.map(legendOf),
    },
    xAxis: {
      type: "time",
      min: Date.parse(start),
      max: Date.parse(end),
      name: "UTC",
      nameLocation: "middle",
      nameGap: 30,
      nameTextStyle: axisLabel,
      axisLabel: {
        ...axisLabel,
        formatter: isShort ? "{dd} {MMM} {HH}:{mm}" : "{dd} {MMM}",
        hideOverlap: true,
      },
      minInterval: isShort ? HOUR_MS : DAY_MS,
      splitLine: { show: true, lineStyle: { color: "#e4e7eb" } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: lanes.map((lane) => laneTitles[lane]),
      axisLabel,
      axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: "#e4e7eb" } },
    },
    // The gravest last, which is on top.
    series: [...severities].reverse().map((severity) => ({
      name: legendOf(severity),
      type: "scatter",
      silent: true,
      symbol: MARKS[severity].symbol,
      symbolSize: MARKS[severity].size,
      itemStyle: { color: MARKS[severity].colour, opacity: severity === "info" ? 0.6 : 0.95 },
      data: events
        .filter((event) => event.severity === severity)
        .map(({ at, lane }) => [Date.parse(at), lanes.indexOf(lane)]),
    })),
  };
  try {
    chart.setOption(option);
    return withoutHover(chart.renderToSVGString({ useViewBox: true }));
  } finally {
    chart.dispose();
  }
}
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** As the font that the PNG is drawn with calls itself; a browser without it takes its own. */
const FONT = "PT Sans, sans-serif";

function legendOf(severity: Severity): string {
  return severity === "info" ? ORDINARY : severityWords[severity];
}

/** echarts adds styles for a pointer that hovers, which nobody's does in print, and which the page's policy refuses. */
function withoutHover(svg: string): string {
  return svg.replace(/<style[\s\S]*?<\/style>/g, "").replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, "");
}

/** The timeline in a sentence, for whoever does not see it. */
export function describeTimeline({ start, end, events, omitted, note }: Timeline): string {
  const lanes = TimelineLane.options.flatMap((lane) => {
    const inLane = events.filter((event) => event.lane === lane).sort(bySeverity);
    const grave = Severity.options.flatMap((severity) => {
      const count = inLane.filter((event) => event.severity === severity).length;
      return count === 0 || severity === "info" ? [] : [`${count} ${severity}`];
    });
    if (inLane.length === 0) return [];
    return [`${laneTitles[lane]}: ${inLane.length}${grave.length === 0 ? "" : ` (${grave.join(", ")})`}`];
  });
  const rest = omitted === 0 ? "" : ` ${omitted} more ${omitted === 1 ? "is" : "are"} not drawn.`;
  const meaning = note === undefined ? "" : ` ${note}`;
  return `Timeline from ${utcMinute(start)} to ${utcMinute(end)}. ${lanes.join(". ")}.${rest}${meaning}`;
}
