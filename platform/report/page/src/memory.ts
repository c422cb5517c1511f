// Bandwidth over time, the parts of memory requests' time, and who waited for whom.
import { column, everybody, report, type Run } from "./data";
import { bars, type Bar } from "./bars";
import { chart } from "./lines";
import { bytes, chooser, colourOf, commonUnit, digits, el, note, section, tableHead, time } from "./look";

// ---- bandwidth

/** What can be chosen: a port, or all ports of an instance, which is the part of their names before the last dots. */
function portGroups(): [value: string, text: string][] {
  const ports = [...new Set(report.runs.flatMap((run) => run.bandwidth?.ports ?? []))].sort();
  const instances = [...new Set(ports.map((port) => port.split(".")[0]))];
  // Memory first: there each byte passes once.
  instances.sort((a, b) => Number(b.startsWith("ddr")) - Number(a.startsWith("ddr")) || a.localeCompare(b));
  return [
    ...instances.map((name): [string, string] => [`${name}.`, `${name}, all ports`]),
    ...ports.map((name): [string, string] => [name, name]),
  ];
}

const matches = (port: string, group: string) => (group.endsWith(".") ? port.startsWith(group) || `${port}.` === group : port === group);

interface Series {
  name: string;
  rates: Float64Array;
  read: number;
  written: number;
}

function seriesOf(run: Run, group: string): Series[] {
  const bandwidth = run.bandwidth!;
  const all = new Map<string, Series>();
  for (const s of bandwidth.series) {
    if (!matches(bandwidth.ports[s.port], group)) continue;
    const name = run.requesters[s.requester];
    let series = all.get(name);
    if (!series) all.set(name, (series = { name, rates: new Float64Array(bandwidth.bins), read: 0, written: 0 }));
    const [read, write] = [column(s.read), column(s.write)];
    for (let i = 0; i < bandwidth.bins; ++i) series.rates[i] += (read[i] + write[i]) / 1e9;
    series.read += s.read_bytes;
    series.written += s.write_bytes;
  }
  return [...all.values()].sort((a, b) => everybody.indexOf(a.name) - everybody.indexOf(b.name));
}

function drawBandwidth(box: HTMLElement, group: string): void {
  box.replaceChildren();
  const most = Math.max(
    ...report.runs.filter((run) => run.bandwidth).flatMap((run) => seriesOf(run, group).flatMap((s) => s.rates.reduce((a, b) => Math.max(a, b), 0))),
  );
  for (const run of report.runs) {
    if (!run.bandwidth) continue;
    const { bin_s, bins } = run.bandwidth;
    const { scale, unit } = commonUnit(run.summary.simulated_s);
    const all = seriesOf(run, group);
    const x = Float64Array.from({ length: bins + 1 }, (_, i) => (i * bin_s) / scale);
    chart(box, {
      title: report.runs.length > 1 ? run.label : undefined,
      x,
      lines: all.map((s) => ({ label: s.name, colour: colourOf(s.name), run: 0, values: [...s.rates, s.rates[bins - 1]], stepped: true })),
      xLabel: `time (${unit})`,
      yLabel: "GB/s, read and written",
      height: report.runs.length > 1 ? 230 : 280,
      yRange: [0, most > 0 ? most * 1.05 : 1],
      sync: "bandwidth",
      xFormat: (value) => `${digits(value)} ${unit}`,
      yFormat: (value) => `${digits(value)} GB/s`,
    });
    const rows = all.map((s) => el("tr", el("th", s.name), el("td", bytes(s.read)), el("td", bytes(s.written)), el("td", `${digits((s.read + s.written) / run.summary.simulated_s / 1e9)} GB/s`)));
    box.append(el("table.distributions.narrow", tableHead(["requester", "read", "written", "mean"]), el("tbody", ...rows)));
    box.append(note(`Each point is the mean of ${time(bin_s)}.`));
  }
}

function showBandwidth(box: HTMLElement): void {
  box.append(el("h3", "Bandwidth over time, by task"));
  if (report.runs.every((run) => !run.bandwidth)) {
    box.append(note("The runs left no bandwidth.csv; run them with --bandwidth."));
    return;
  }
  const plots = el("div");
  let group = "";
  const controls = el("div.controls", chooser("Port", portGroups(), (value) => {
    group = value;
    if (plots.isConnected) drawBandwidth(plots, group);
  }));
  box.append(controls, plots);
  drawBandwidth(plots, group);
}

// ---- parts of requests' time

const kRequestParts: Record<string, { label: string; colour: string }> = {
  admission: { label: "held back at entry", colour: "#b7a3d0" },
  network: { label: "network, empty", colour: "#56b4e9" },
  links: { label: "waiting for links", colour: "#0072b2" },
  door: { label: "waiting for the target", colour: "#5b4b9a" },
  service: { label: "memory service", colour: "#3a3f47" },
  bank_conflict: { label: "bank conflict", colour: "#d55e00" },
  row_miss: { label: "row miss", colour: "#e69f00" },
  refresh: { label: "refresh", colour: "#f0e442" },
  turnaround: { label: "bus turnaround", colour: "#009e73" },
  arbitration: { label: "others served first", colour: "#cc79a7" },
  port: { label: "port crossing", colour: "#9aa1ab" },
  other: { label: "other", colour: "#d7dbe0" },
};

function showRequests(box: HTMLElement): void {
  box.append(el("h3", "Where the time of memory requests goes"));
  const all: Bar[] = report.runs.flatMap((run) =>
    (run.memory_time ?? []).map((sums) => ({
      label: report.runs.length > 1 ? `${run.label}: ${run.requesters[sums.requester]}` : run.requesters[sums.requester],
      detail: `${digits(sums.payloads)} requests, mean`,
      parts: Object.entries(sums.parts).map(([name, value]) => ({ ...kRequestParts[name], value: value / Math.max(sums.payloads, 1) })),
    })),
  );
  box.append(all.length > 0 ? bars(all) : note("The runs left no latency.csv; memory.fidelity=burst writes it."));
}

// ---- interference

function matrix(run: Run, where: string, first: Run): HTMLElement {
  const of = (from: Run) => {
    const cells = new Map<string, number>();
    for (const [place, task, other, seconds] of from.interference ?? []) {
      if (where !== "" && place !== where) continue;
      const key = JSON.stringify([from.requesters[task], from.requesters[other]]);
      cells.set(key, (cells.get(key) ?? 0) + seconds);
    }
    return cells;
  };
  const cells = of(run);
  const base = run === first ? null : of(first);
  const names = everybody.filter((name) => (run.interference ?? []).some(([, a, b]) => run.requesters[a] === name || run.requesters[b] === name));
  const most = Math.max(...cells.values(), 1e-12);
  const { scale, unit } = commonUnit(most);
  const rows = names.map((name) =>
    el(
      "tr",
      el("th", name),
      ...names.map((other) => {
        const key = JSON.stringify([name, other]);
        const value = cells.get(key) ?? 0;
        const cell = el("td", value === 0 ? "0" : value / scale < 1e-3 ? "< 0.001" : digits(value / scale));
        cell.title = `${name} waited ${time(value)} for ${name === other ? "its own earlier requests" : other}`;
        cell.style.background = `rgba(0, 114, 178, ${(0.75 * value) / most})`;
        if (name === other) cell.classList.add("own");
        const before = base?.get(key);
        if (before !== undefined && before !== value && before > 0) cell.append(el("span.diff", `${value > before ? "+" : "−"}${digits(Math.abs(100 * (value / before - 1)))} %`));
        return cell;
      }),
    ),
  );
  const head = el("tr", el("th", `${unit}`), ...names.map((name) => el("th", name)));
  const table = el("table.matrix", el("thead", head), el("tbody", ...rows));
  return el("figure", el("figcaption", report.runs.length > 1 ? run.label : "row waited for column"), table);
}

function showInterference(box: HTMLElement): void {
  box.append(el("h3", "Interference: who waited for whom"));
  const runs = report.runs.filter((run) => run.interference);
  if (runs.length === 0) {
    box.append(note("The runs left no interference.csv; memory.fidelity=burst writes it."));
    return;
  }
  const places = [...new Set(runs.flatMap((run) => run.interference!.map(([where]) => where)))];
  const matrices = el("div.matrices");
  const choices: [string, string][] = [["", "everywhere"], ...places.map((place): [string, string] => [place, place])];
  box.append(
    el("p.lead", "Waiting of requests in network and memory, summed over requests, which wait side by side: it may exceed the simulated time. Hatched: own earlier requests."),
    el("div.controls", chooser("Where", choices, (where) => matrices.replaceChildren(...runs.map((run) => matrix(run, where, runs[0]))))),
    matrices,
  );
}

export function showMemory(): void {
  const box = section("memory", "Memory", "Bytes by task and port, what requests wait for, and who is in whose way.");
  const parts: [string, (part: HTMLElement) => void][] = [["bandwidth", showBandwidth], ["requests", showRequests], ["interference", showInterference]];
  for (const [id, show] of parts) {
    const part = el("div");
    part.id = id;
    box.append(part);
    show(part);
  }
}
