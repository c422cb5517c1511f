// Distributions of times: cumulative curves and tables of percentiles.
import uPlot from "uplot";
import { column, report, type Curve, type Distribution } from "./data";
import { chart } from "./lines";
import { difference } from "./overview";
import { chooser, colourOf, commonUnit, count, digits, el, percent, section, tableHead, time } from "./look";

export interface NamedCurve {
  label: string;
  colour: string;
  run: number;
  curve: Curve;
}
interface Mark {
  at: number;
  label: string;
  colour: string;
}

/** Curves over one axis of time: the fraction of samples up to it, or above it on a logarithmic scale. */
export function showCurves(box: HTMLElement, curves: NamedCurve[], marks: Mark[], xLabel: string, what: string, scales: { tail?: boolean; xLog?: boolean } = {}): void {
  const tail = scales.tail ?? false;
  box.replaceChildren();
  const data = curves.map(({ curve }) => ({ x: column(curve.x), p: column(curve.p) }));
  const most = Math.max(...data.map(({ x }) => (x.length > 0 ? x[x.length - 1] : 0)), ...marks.map((mark) => mark.at));
  const { scale, unit } = commonUnit(most);
  const tables = data.map(({ x, p }): uPlot.AlignedData => {
    // A logarithmic axis begins a little below the smallest sample.
    const begin = scales.xLog ? (0.9 * Math.min(...data.map((one) => one.x[0] ?? most))) / scale : 0;
    const xs = [begin, ...Array.from(x, (value) => value / scale)];
    const ps = [0, ...p];
    // The largest sample has nothing above it, which a logarithmic scale cannot show.
    return [xs, ps.map((value) => (tail ? (value < 1 ? 1 - value : null) : value))];
  });
  const joined = uPlot.join(tables.length > 0 ? tables : [[[], []]]);
  const filled = joined.slice(1).map((values) => forward(values as (number | null | undefined)[], tail));
  chart(box, {
    x: joined[0],
    lines: curves.map(({ label, colour, run }, i) => ({ label, colour, run, values: filled[i], stepped: true })),
    xLabel: `${xLabel} (${unit})`,
    yLabel: tail ? `fraction of ${what} above` : `fraction of ${what} up to`,
    yLog: tail,
    xLog: scales.xLog,
    yRange: tail ? undefined : [0, 1],
    marks: marks.map((mark) => ({ x: mark.at / scale, label: mark.label, colour: mark.colour })),
    xFormat: (value) => `${digits(value)} ${unit}`,
    yFormat: (value) => (tail ? percent(value, value < 0.001 ? 4 : 2) : percent(value, 2)),
  });
}

/** A step holds until the next: fills the places that only other curves have. */
function forward(values: (number | null | undefined)[], tail: boolean): (number | null)[] {
  let last: number | null = tail ? 1 : 0;
  const end = values.reduce<number>((found, value, i) => (value !== undefined ? i : found), -1);
  return values.map((value, i) => {
    if (value !== undefined) last = value;
    return i > end && tail ? null : last;
  });
}

function suffix(run: number): string {
  return report.runs.length > 1 ? `, ${report.runs[run].label}` : "";
}

function curvesOf(task: string): NamedCurve[] {
  return report.runs.flatMap((run, i) =>
    run.summary.tasks.flatMap((own, k) =>
      task === "" || own.name === task
        ? [{ label: own.name + suffix(i), colour: colourOf(own.name), run: i, curve: run.responses[k].curve }]
        : [],
    ),
  );
}

function deadlinesOf(task: string): Mark[] {
  const marks = new Map<string, Mark>();
  report.runs.forEach((run) =>
    run.summary.tasks.forEach((own, k) => {
      const [shortest, longest] = run.responses[k].deadline_s;
      if ((task !== "" && own.name !== task) || shortest === null || shortest !== longest) return;
      marks.set(`${own.name}${shortest}`, { at: shortest, label: `deadline ${own.name}`, colour: colourOf(own.name) });
    }),
  );
  return [...marks.values()];
}

export interface DistributionRow {
  label: string;
  run: number;
  distribution: Distribution | null;
}

/** Percentiles, with differences to the row of the same label in the first run. */
export function distributionTable(head: string, rows: DistributionRow[]): HTMLElement {
  const several = report.runs.length > 1;
  const keys = ["mean", "p50", "p95", "p99", "max"] as const;
  const first = (label: string) => rows.find((row) => row.run === 0 && row.label === label)?.distribution;
  const body = rows.map((row) => {
    const cells = keys.map((key) => {
      const cell = el("td", time(row.distribution?.[key]));
      const base = first(row.label);
      if (row.run > 0 && base && row.distribution) cell.append(difference(row.distribution[key], base[key], "less") ?? "");
      return cell;
    });
    const name = several ? [el("td.text", report.runs[row.run].label)] : [];
    return el("tr", el("th", row.label), ...name, el("td", count(row.distribution?.count ?? 0)), ...cells);
  });
  const header = tableHead([head, ...(several ? ["run"] : []), "count", ...keys], ["run"]);
  return el("div.scroll", el("table.distributions", header, el("tbody", ...body)));
}

export function showResponses(): void {
  const names = [...new Set(report.runs.flatMap((run) => run.summary.tasks.map((task) => task.name)))];
  const plot = el("div");
  let task = "";
  let tail = false;
  const draw = () => {
    if (plot.isConnected) showCurves(plot, curvesOf(task), deadlinesOf(task), "response time", "jobs", { tail });
  };
  const controls = el(
    "div.controls",
    chooser("Task", [["", "all"], ...names.map((name): [string, string] => [name, name])], (value) => {
      task = value;
      draw();
    }),
    chooser("Show", [["", "up to (cumulative)"], ["tail", "above (logarithmic)"]], (value) => {
      tail = value === "tail";
      draw();
    }),
  );
  const rows = names.flatMap((name) =>
    report.runs.flatMap((run, i) =>
      run.summary.tasks.flatMap((own, k) => (own.name === name ? [{ label: name, run: i, distribution: run.responses[k].distribution }] : [])),
    ),
  );
  section(
    "responses",
    "Response times",
    "From release to completion, of completed jobs; those of a warm-up are left out. Dotted lines are relative deadlines. Drag to zoom, double-click to show all.",
    controls,
    plot,
    distributionTable("task", rows),
  );
  draw();
}

export function showDecisionCurves(box: HTMLElement): void {
  const curves = report.runs.flatMap((run, i) =>
    (run.decisions?.causes ?? []).map((cause) => ({
      label: `after ${cause.cause}${suffix(i)}`,
      colour: cause.cause === "release" ? "#d55e00" : "#0072b2",
      run: i,
      curve: cause.curve,
    })),
  );
  if (curves.length > 0) showCurves(box, curves, [], "decision latency", "decisions", { xLog: curves.every(({ curve }) => (column(curve.x)[0] ?? 1) > 0) });
}
