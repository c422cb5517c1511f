// The figures of the runs side by side, and what of their configurations is not the same.
import { report, type Run, type Summary } from "./data";
import { count, digits, el, note, percent, section, time } from "./look";

/** A figure of a run: how it is read, written, and what is better. */
interface Figure {
  label: string;
  value: (summary: Summary) => number | null | undefined;
  text: (value: number) => string;
  better: "less" | "more" | "none";
}

const kMetrics: [key: string, label: string, text: (value: number) => string, better: Figure["better"]][] = [
  ["miss_rate", "jobs missed", percent, "less"],
  ["violation_rate", "completed after the deadline", percent, "less"],
  ["throughput_per_s", "throughput (jobs/s)", digits, "more"],
  ["antt", "ANTT, normalised turnaround", digits, "less"],
  ["stp", "STP, system throughput", digits, "more"],
  ["worst_slowdown", "worst slowdown", digits, "less"],
];

function taskNames(): string[] {
  return [...new Set(report.runs.flatMap((run) => run.summary.tasks.map((task) => task.name)))];
}

function taskFigures(name: string): Figure[] {
  const of = (summary: Summary) => summary.tasks.find((task) => task.name === name);
  return [
    { label: "jobs completed", value: (s) => of(s)?.completed, text: count, better: "more" },
    { label: "deadlines missed", value: (s) => of(s)?.missed, text: count, better: "less" },
    { label: "response, mean", value: (s) => of(s)?.response_s?.mean, text: time, better: "less" },
    { label: "response, p99", value: (s) => of(s)?.response_s?.p99, text: time, better: "less" },
    { label: "response, max", value: (s) => of(s)?.response_s?.max, text: time, better: "less" },
  ];
}

function schedulerFigures(): Figure[] {
  return [
    { label: "decisions", value: (s) => s.scheduler.decisions, text: count, better: "none" },
    { label: "preemptions", value: (s) => s.scheduler.preemptions, text: count, better: "none" },
    { label: "decision latency, mean", value: (s) => s.scheduler.decision_latency_s?.mean, text: time, better: "less" },
    { label: "decision latency, max", value: (s) => s.scheduler.decision_latency_s?.max, text: time, better: "less" },
    { label: "preemption takes effect after, mean", value: (s) => s.scheduler.preemption_latency_s?.mean, text: time, better: "less" },
    { label: "blocking, max", value: (s) => s.scheduler.blocking_s?.max, text: time, better: "less" },
  ];
}

function hardwareFigures(): Figure[] {
  const figures: Figure[] = [];
  for (const name of new Set(report.runs.flatMap((run) => run.summary.accelerators.map((a) => a.name)))) {
    const of = (s: Summary) => s.accelerators.find((a) => a.name === name);
    figures.push({ label: `${name} busy`, value: (s) => of(s)?.busy_fraction, text: percent, better: "none" });
    figures.push({ label: `${name} computes`, value: (s) => of(s)?.compute_utilisation, text: percent, better: "none" });
  }
  for (const name of new Set(report.runs.flatMap((run) => run.summary.ddr.map((d) => d.name)))) {
    const of = (s: Summary) => s.ddr.find((d) => d.name === name);
    figures.push({ label: `${name} busy`, value: (s) => of(s)?.utilisation, text: percent, better: "none" });
    figures.push({ label: `${name} row hits`, value: (s) => of(s)?.row_hit_rate, text: percent, better: "more" });
  }
  return figures;
}

/** The difference to the first run, in words and as better or worse. */
export function difference(value: number, first: number, better: Figure["better"]): HTMLElement | null {
  if (value === first) return el("span.diff", "=");
  const sign = value > first ? "+" : "−";
  const ratio = value / first;
  const text = first === 0 ? "from 0" : ratio >= 10 ? `× ${digits(ratio)}` : `${sign}${digits(Math.abs(100 * (ratio - 1)))} %`;
  const good = better === "none" ? "" : (value < first) === (better === "less") ? ".better" : ".worse";
  return el(`span.diff${good}`, text);
}

function figureRow(figure: Figure): HTMLElement | null {
  const values = report.runs.map((run) => figure.value(run.summary));
  if (values.every((value) => value === null || value === undefined)) return null;
  const row = el("tr", el("th", figure.label));
  values.forEach((value, i) => {
    const cell = el("td", value === null || value === undefined ? "–" : figure.text(value));
    const first = values[0];
    if (i > 0 && value !== null && value !== undefined && first !== null && first !== undefined) {
      const mark = difference(value, first, figure.better);
      if (mark) cell.append(mark);
    }
    row.append(cell);
  });
  return row;
}

/** A heading and its rows; nothing without rows. */
function group(title: string, rows: (HTMLElement | null)[]): HTMLElement[] {
  const there = rows.filter((row): row is HTMLElement => row !== null);
  if (there.length === 0) return [];
  const heading = el("th", title);
  heading.colSpan = report.runs.length + 1;
  return [el("tr.group", heading), ...there];
}

function groups(): HTMLElement[][] {
  const metrics = kMetrics.map(([key, label, text, better]): Figure => ({ label, text, better, value: (s) => s.metrics[key] }));
  return [
    group("run", aboutRows()),
    ...taskNames().map((name) => group(name, taskFigures(name).map(figureRow))),
    group("all tasks", metrics.map(figureRow)),
    group("scheduler", schedulerFigures().map(figureRow)),
    group("accelerator and memory", hardwareFigures().map(figureRow)),
  ];
}

function aboutRows(): HTMLElement[] {
  const rows: [string, (run: Run) => string][] = [
    ["scenario", (run) => run.summary.scenario],
    ["policy, placement", (run) => `${run.summary.scheduler.policy}, ${run.summary.scheduler.placement}`],
    ["simulated", (run) => time(run.summary.simulated_s) + (run.summary.complete ? "" : " (stopped before its end)")],
    ["seed", (run) => String(run.summary.seed)],
    ["configuration (SHA-256)", (run) => run.summary.config_sha256.slice(0, 12)],
  ];
  return rows.map(([label, text]) => el("tr.about", el("th", label), ...report.runs.map((run) => el("td", text(run)))));
}

/** One run's groups stand beside each other; several runs need the width. */
function figuresTable(): HTMLElement {
  const all = groups().filter((rows) => rows.length > 0);
  if (report.runs.length === 1) return el("div.cards", ...all.map((rows) => el("table.figures", el("tbody", ...rows))));
  const head = el("tr", el("th"), ...report.runs.map((run) => el("th", run.label)));
  return el("div.scroll", el("table.figures", el("thead", head), el("tbody", ...all.flat())));
}

function differencesTable(): HTMLElement {
  const rows = report.differences.map(([path, values]) => {
    return el("tr", el("th", el("code", path)), ...values.map((value) => el("td", value === null ? "–" : el("code", value))));
  });
  const head = el("tr", el("th", "property"), ...report.runs.map((run) => el("th", run.label)));
  return el("div.scroll", el("table.differences", el("thead", head), el("tbody", ...rows)));
}

export function showOverview(): void {
  const several = report.runs.length > 1;
  const lead = several ? "Beside a figure stands its difference to the first run: blue where it is better, orange and bold where worse." : "The run's figures, as in summary.json.";
  const box = section("overview", "Overview", lead, figuresTable());
  if (!several) return;
  box.append(el("h3", "What is configured differently"));
  box.append(report.differences.length > 0 ? differencesTable() : note("Nothing: the runs have the same configuration."));
}
