// The timeline: jobs by task and who holds each accelerator, of all runs over one axis of time.
import { scaleLinear } from "d3-scale";
import { select } from "d3-selection";
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from "d3-zoom";
import { column, report, type Numbers, type Run } from "./data";
import { chooser, colourOf, commonUnit, count, el, instant, kFaint, kFont, kGrid, kInk, kMiss, kParts, legend, note, section, time } from "./look";

const kLabels = 116; // width of the lanes' names
const kRight = 14;
const kAxis = 26;
const kTaskLane = 42;
const kAcceleratorLane = 30;
const kBlock = 18; // height of a block of execution
const kMostLabels = 40;

interface Lane {
  name: string;
  top: number;
  height: number;
  task: number; // -1: an accelerator
  accelerator: number;
}

interface Label {
  text: string;
  left: number;
  y: number;
}

/** The columns of a run's chart, and where each lane lies. */
class RunChart {
  readonly canvas = el("canvas");
  readonly lanes: Lane[] = [];
  readonly height: number;
  private readonly jobs: Record<string, Numbers>;
  private readonly stretches: Record<string, Numbers> | null;
  private readonly regions: { at: Numbers; accelerator: Numbers };
  private readonly busy: Numbers[];
  private readonly missed: Numbers[];
  private readonly longestJob: number;
  private readonly longestStretch: number;

  constructor(readonly run: Run) {
    let top = kAxis;
    const add = (name: string, height: number, task: number, accelerator: number) => {
      this.lanes.push({ name, top, height, task, accelerator });
      top += height;
    };
    run.summary.tasks.forEach((task, i) => add(task.name, kTaskLane, i, -1));
    if (run.gantt.stretches) run.accelerators.forEach((name, i) => add(name, kAcceleratorLane, -1, i));
    this.height = top + 6;
    const columns = (of: object) =>
      Object.fromEntries(Object.entries(of).filter(([, value]) => Array.isArray(value)).map(([name, value]) => [name, column(value)]));
    this.jobs = columns(run.gantt.jobs);
    this.stretches = run.gantt.stretches ? columns(run.gantt.stretches) : null;
    this.regions = { at: column(run.gantt.regions.at), accelerator: column(run.gantt.regions.accelerator) };
    this.busy = run.gantt.bins.tasks.map((task) => column(task.busy));
    this.missed = run.gantt.bins.tasks.map((task) => column(task.missed));
    this.longestJob = largest(this.jobs.release.length, (i) => this.jobEnd(i) - this.jobs.release[i]);
    this.longestStretch = this.stretches ? largest(this.stretches.start.length, (i) => this.stretches!.length[i]) : 0;
  }

  /** Where the job's bar ends: finished, or at the end of the run; a deadline later than that is drawn as well. */
  jobEnd(i: number): number {
    const finish = this.jobs.finish[i];
    return Number.isNaN(finish) ? Math.max(this.run.gantt.end_s, this.jobs.release[i]) : this.jobs.release[i] + finish;
  }

  exactAt(from: number, to: number): boolean {
    return this.run.gantt.windows.some(([a, b]) => from >= a - 1e-12 && to <= b + 1e-12);
  }

  draw(width: number, from: number, to: number): void {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.canvas.style.height = `${this.height}px`;
    const context = this.canvas.getContext("2d")!;
    context.scale(ratio, ratio);
    context.fillStyle = "white";
    context.fillRect(0, 0, width, this.height);
    const x = scaleLinear([from, to], [kLabels, width - kRight]);
    this.drawLanes(context, width, x);
    context.save();
    context.beginPath();
    context.rect(kLabels, kAxis, width - kLabels - kRight, this.height - kAxis);
    context.clip();
    const exact = this.run.gantt.whole || this.exactAt(from, to);
    if (exact) {
      this.drawExact(context, x, from, to);
    } else {
      this.drawBins(context, x, from, to);
      this.drawWindows(context, x, from, to, width);
    }
    context.restore();
    this.drawAxis(context, width, x, from, to);
  }

  private drawLanes(context: CanvasRenderingContext2D, width: number, x: (time: number) => number): void {
    context.font = kFont;
    context.textBaseline = "middle";
    for (const lane of this.lanes) {
      const bottom = lane.top + lane.height;
      context.fillStyle = lane.task < 0 ? "#f7f8fa" : "white";
      context.fillRect(0, lane.top, width, lane.height);
      context.fillStyle = lane.task < 0 ? kInk : colourOf(lane.name);
      if (lane.task >= 0) context.fillRect(4, lane.top + lane.height - 4 - kBlock, 5, kBlock);
      context.fillStyle = kInk;
      context.fillText(clipped(context, lane.name, kLabels - 22), 14, bottom - 4 - kBlock / 2);
      context.fillStyle = kGrid;
      context.fillRect(0, bottom - 1, width, 1);
    }
    context.fillStyle = kGrid;
    const end = x(this.run.gantt.end_s);
    if (end < width - kRight) context.fillRect(end, kAxis, 1, this.height - kAxis);
  }

  private drawAxis(context: CanvasRenderingContext2D, width: number, x: ReturnType<typeof scaleLinear<number, number>>, from: number, to: number): void {
    const { scale, unit } = commonUnit(Math.max(Math.abs(from), Math.abs(to)));
    const ticks = scaleLinear([from / scale, to / scale], [kLabels, width - kRight]);
    const places = ticks.ticks(Math.max(3, Math.floor(width / 130)));
    const format = ticks.tickFormat(Math.max(3, Math.floor(width / 130)), "f");
    const step = places.length > 1 ? places[1] - places[0] : 1;
    const decimals = Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)));
    context.font = kFont;
    context.textBaseline = "middle";
    context.textAlign = "center";
    for (const place of places) {
      const at = x(place * scale);
      context.fillStyle = kGrid;
      context.fillRect(Math.round(at), kAxis - 5, 1, 5);
      context.fillStyle = kFaint;
      context.fillText(step < 1e-6 ? place.toFixed(decimals) : format(place), at, 10);
    }
    context.textAlign = "left";
    context.fillStyle = kFaint;
    context.fillText(`time (${unit})`, 4, 10);
    context.fillStyle = kGrid;
    context.fillRect(kLabels, kAxis - 1, width - kLabels - kRight, 1);
  }

  /** Too much to draw, or not there in detail: how much of each bin a task ran, and how many misses it has. */
  private drawBins(context: CanvasRenderingContext2D, x: (time: number) => number, from: number, to: number): void {
    const width = this.run.gantt.bins.width_s;
    const edges = (bin: number): [number, number] => {
      const left = Math.floor(x(bin * width));
      return [left, Math.max(Math.ceil(x((bin + 1) * width)) - left, 1)];
    };
    const first = Math.max(0, Math.floor(from / width));
    if (this.run.accelerators.length === 1) this.drawShares(context, edges, first, to / width);
    for (const lane of this.lanes) {
      if (lane.task < 0) continue;
      const [busy, missed] = [this.busy[lane.task], this.missed[lane.task]];
      const base = lane.top + lane.height - 4;
      context.fillStyle = colourOf(lane.name);
      for (let bin = first; bin < busy.length && bin * width < to; ++bin) {
        const [left, wide] = edges(bin);
        const height = (busy[bin] / 255) * kBlock;
        context.fillRect(left, base - height, wide, height);
        if (missed[bin] === 0) continue;
        context.fillStyle = kMiss;
        context.fillRect(left, lane.top + 4, wide, 5);
        context.fillStyle = colourOf(lane.name);
      }
    }
  }

  /** The only accelerator's lane, in bins: what of each every task held. */
  private drawShares(context: CanvasRenderingContext2D, edges: (bin: number) => [number, number], first: number, end: number): void {
    const lane = this.lanes.find(({ task }) => task < 0);
    if (!lane) return;
    const tasks = this.lanes.filter(({ task }) => task >= 0);
    for (let bin = first; bin < this.busy[0].length && bin < end; ++bin) {
      const [left, wide] = edges(bin);
      let base = lane.top + lane.height - 4;
      for (const { name, task } of tasks) {
        const height = (this.busy[task][bin] / 255) * kBlock;
        base -= height;
        context.fillStyle = colourOf(name);
        context.fillRect(left, base, wide, height);
      }
    }
  }

  private drawExact(context: CanvasRenderingContext2D, x: (time: number) => number, from: number, to: number): void {
    this.drawJobs(context, x, from, to);
    const labels = this.stretches ? this.drawStretches(context, x, from, to) : [];
    this.drawRegions(context, x, from, to);
    context.fillStyle = "white";
    for (const { text, left, y } of labels) context.fillText(text, left, y);
  }

  /** Where detail is, if it is not everywhere; the detail itself where it is wide enough. */
  private drawWindows(context: CanvasRenderingContext2D, x: (time: number) => number, from: number, to: number, width: number): void {
    for (const [a, b] of this.run.gantt.windows) {
      if (b < from || a > to) continue;
      const [left, right] = [x(a), x(b)];
      if (right - left >= 60) {
        context.save();
        context.beginPath();
        context.rect(left, kAxis, right - left, this.height);
        context.clip();
        this.drawLanes(context, width, x);
        this.drawExact(context, x, Math.max(a, from), Math.min(b, to));
        context.restore();
      }
      context.fillStyle = kInk;
      context.fillRect(left, kAxis, Math.max(2, right - left), 3);
    }
  }

  private drawJobs(context: CanvasRenderingContext2D, x: (time: number) => number, from: number, to: number): void {
    const { release, deadline, missed, task, number } = this.jobs;
    const first = firstFrom(release, from - this.longestJob);
    const last = firstFrom(release, to);
    const dense = last - first > 1500;
    const painted = this.lanes.map(() => -1e9);
    for (let i = first; i < last; ++i) {
      const lane = this.lanes[task[i]];
      const base = lane.top + lane.height - 4;
      const [left, right] = [x(release[i]), x(this.jobEnd(i))];
      if (right < kLabels && Number.isNaN(deadline[i])) continue;
      if (!dense || right > painted[task[i]] + 0.5) {
        painted[task[i]] = right;
        context.globalAlpha = 0.22;
        context.fillStyle = colourOf(lane.name);
        context.fillRect(left, base - 7, Math.max(right - left, 0.7), 7);
        context.globalAlpha = 1;
      }
      if (!dense) {
        arrow(context, left, base, lane.top + 7, kInk, true);
        if (!Number.isNaN(deadline[i])) arrow(context, x(release[i] + deadline[i]), lane.top + 7, base, missed[i] ? kMiss : kFaint, false);
        if (last - first < kMostLabels) {
          context.fillStyle = kFaint;
          context.fillText(String(number[i]), left + 4, lane.top + 11);
        }
      }
      if (missed[i]) cross(context, Math.min(right, x(this.run.gantt.end_s)), lane.top + 11);
    }
  }

  private drawStretches(context: CanvasRenderingContext2D, x: (time: number) => number, from: number, to: number): Label[] {
    const labels: Label[] = [];
    const { start, length, swap, task, accelerator, job } = this.stretches!;
    const first = firstFrom(start, from - this.longestStretch);
    const last = firstFrom(start, to);
    const tasks = this.run.summary.tasks.length;
    const painted = this.lanes.map(() => -1e9);
    for (let i = first; i < last; ++i) {
      const [left, right] = [x(start[i]), x(start[i] + length[i])];
      if (right < kLabels) continue;
      const name = this.run.summary.tasks[task[i]].name;
      for (const place of [task[i], tasks + accelerator[i]]) {
        const lane = this.lanes[place];
        if (right < painted[place] + 0.3) continue;
        painted[place] = right;
        const top = lane.top + lane.height - 4 - kBlock;
        context.fillStyle = colourOf(name);
        context.fillRect(left, top, Math.max(right - left, 0.6), kBlock);
        const swapped = x(start[i] + swap[i]) - left;
        if (lane.task < 0 && swapped > 1) hatch(context, left, top, swapped);
        if (lane.task < 0 && right - left > 46) {
          labels.push({ text: clipped(context, `${name} ${job[i]}`, right - left - 8), left: Math.max(left + Math.max(swapped, 0), kLabels) + 5, y: top + kBlock / 2 });
        }
      }
    }
    return labels;
  }

  /** Where regions begin, when they lie far enough apart to be seen. */
  private drawRegions(context: CanvasRenderingContext2D, x: (time: number) => number, from: number, to: number): void {
    const { at, accelerator } = this.regions;
    const first = firstFrom(at, from);
    const last = firstFrom(at, to);
    if (last - first > 400) return;
    context.fillStyle = "rgba(255, 255, 255, .65)";
    for (let i = first; i < last; ++i) {
      const lane = this.lanes[this.run.summary.tasks.length + accelerator[i]];
      if (lane) context.fillRect(x(at[i]), lane.top + lane.height - 4 - kBlock, 1, kBlock);
    }
  }

  /** What lies at a place, in words. */
  tell(at: number, y: number, tolerance: number): HTMLElement | null {
    const lane = this.lanes.find(({ top, height }) => y >= top && y < top + height);
    if (!lane || (!this.run.gantt.whole && !this.exactAt(at, at))) return null;
    return (this.stretches && this.tellStretch(lane, at, tolerance)) || (lane.task >= 0 ? this.tellJob(lane, at) : null);
  }

  private tellStretch(lane: Lane, at: number, tolerance: number): HTMLElement | null {
    const s = this.stretches!;
    for (let i = firstFrom(s.start, at + tolerance) - 1; i >= 0 && s.start[i] > at - this.longestStretch - tolerance; --i) {
      if (s.start[i] + s.length[i] < at - tolerance) continue;
      if (lane.task >= 0 ? s.task[i] !== lane.task : s.accelerator[i] !== lane.accelerator) continue;
      const stall = s.length[i] - s.compute[i] - s.swap[i] - s.scheduler[i];
      return lines(
        `${this.run.summary.tasks[s.task[i]].name}, job ${s.job[i]}`,
        `${instant(s.start[i], s.length[i])} + ${time(s.length[i])}, ${count(s.regions[i])} ${s.regions[i] === 1 ? "region" : "regions"}`,
        `compute ${time(s.compute[i])}, ${kParts.stall.label} ${time(Math.max(0, stall))}`,
        `swapping ${time(s.swap[i])}, scheduler ${time(s.scheduler[i])}`,
      );
    }
    return null;
  }

  private tellJob(lane: Lane, at: number): HTMLElement | null {
    const { release, finish, deadline, missed, task, number } = this.jobs;
    for (let i = firstFrom(release, at) - 1; i >= 0 && release[i] >= at - this.longestJob; --i) {
      if (task[i] !== lane.task || this.jobEnd(i) < at) continue;
      return lines(
        `${lane.name}, job ${number[i]} waits`,
        `released ${instant(release[i], this.jobEnd(i) - release[i])}`,
        Number.isNaN(finish[i]) ? "not finished" : `response ${time(finish[i])}`,
        Number.isNaN(deadline[i]) ? "no deadline" : `deadline after ${time(deadline[i])}${missed[i] ? ", missed" : ""}`,
      );
    }
    return null;
  }
}

function largest(count: number, value: (place: number) => number): number {
  let most = 0;
  for (let i = 0; i < count; ++i) most = Math.max(most, value(i));
  return most;
}

function lines(...all: string[]): HTMLElement {
  return el("div", el("b", all[0]), ...all.slice(1).map((text) => el("div", text)));
}

/** The first place in rising numbers with a value of `value` or more. */
function firstFrom(values: Numbers, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function clipped(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) --end;
  return `${text.slice(0, end)}…`;
}

function arrow(context: CanvasRenderingContext2D, x: number, from: number, to: number, colour: string, up: boolean): void {
  context.fillStyle = colour;
  context.fillRect(x - 0.5, Math.min(from, to), 1, Math.abs(to - from));
  const tip = up ? to : to;
  const away = up ? 4 : -4;
  context.beginPath();
  context.moveTo(x, tip - (up ? 2 : -2));
  context.lineTo(x - 3, tip + away);
  context.lineTo(x + 3, tip + away);
  context.fill();
}

function cross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.strokeStyle = kMiss;
  context.lineWidth = 1.8;
  context.beginPath();
  context.moveTo(x - 3.5, y - 3.5);
  context.lineTo(x + 3.5, y + 3.5);
  context.moveTo(x + 3.5, y - 3.5);
  context.lineTo(x - 3.5, y + 3.5);
  context.stroke();
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number): void {
  context.fillStyle = kParts.swap.colour;
  context.fillRect(x, y, width, kBlock);
}

// ---- all runs, zoomed together

const charts: RunChart[] = [];
let zoomTo: (from: number, to: number) => void = () => {};

/** Scrolls to the timeline and shows this time of a run, with some before and after. */
export function showInGantt(_run: number, from: number, to: number): void {
  const margin = Math.max((to - from) * 0.25, 1e-9);
  zoomTo(Math.max(0, from - margin), to + margin);
  document.getElementById("timeline")!.scrollIntoView({ behavior: "auto" });
}

export function showGantt(): void {
  const tip = el("div.tip");
  tip.hidden = true;
  const surface = el("div.gantt");
  surface.tabIndex = 0;
  const status = el("span.status");
  const end = Math.max(...report.runs.map((run) => run.gantt.end_s), 1e-9);
  for (const run of report.runs) {
    const one = new RunChart(run);
    charts.push(one);
    surface.append(el("figure", report.runs.length > 1 ? el("figcaption", run.label) : null, one.canvas));
  }
  surface.append(tip);

  let transform: ZoomTransform = zoomIdentity;
  const width = () => Math.max(480, surface.clientWidth);
  const plain = () => scaleLinear([0, end], [kLabels, width() - kRight]);
  const view = () => transform.rescaleX(plain()).domain() as [number, number];
  const draw = () => {
    const [from, to] = view();
    for (const one of charts) one.draw(width(), from, to);
    surface.dataset.from = String(from);
    surface.dataset.to = String(to);
    status.textContent = `${instant(Math.max(0, from), to - from)} to ${instant(to, to - from)} (${time(to - from)})`;
  };
  let due = false;
  const redraw = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  };
  const behaviour = zoom<HTMLDivElement, unknown>()
    .filter((event: Event) => !(event instanceof WheelEvent) || event.ctrlKey || event.metaKey || event.shiftKey)
    .scaleExtent([1, Math.max(1, end / 2e-9)])
    .on("zoom", (event: D3ZoomEvent<HTMLDivElement, unknown>) => {
      transform = event.transform;
      redraw();
    });
  const target = select<HTMLDivElement, unknown>(surface);
  const bounds = () =>
    behaviour.extent([[kLabels, 0], [width() - kRight, 1]]).translateExtent([[kLabels, -Infinity], [width() - kRight, Infinity]]);
  bounds();
  target.call(behaviour);
  zoomTo = (from, to) => {
    const x = plain();
    const scale = (width() - kRight - kLabels) / (x(to) - x(from));
    target.call(behaviour.transform, zoomIdentity.translate(kLabels - x(from) * scale, 0).scale(scale));
  };
  const scaleBy = (factor: number) => target.call(behaviour.scaleBy, factor);
  const panBy = (fraction: number) => target.call(behaviour.translateBy, (-fraction * width()) / transform.k, 0);
  const button = (text: string, title: string, act: () => void) => {
    const made = Object.assign(el("button", text), { title, type: "button" });
    made.addEventListener("click", act);
    return made;
  };
  surface.addEventListener("keydown", (event) => {
    const acts: Record<string, () => void> = { "+": () => scaleBy(2), "-": () => scaleBy(0.5), ArrowLeft: () => panBy(-0.2), ArrowRight: () => panBy(0.2), "0": () => zoomTo(0, end) };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  surface.addEventListener("mousemove", (event) => {
    const one = charts.find(({ canvas }) => canvas === event.target);
    const [from, to] = view();
    const box = (event.target as HTMLElement).getBoundingClientRect();
    const at = from + ((event.clientX - box.left - kLabels) / (width() - kRight - kLabels)) * (to - from);
    const words = one && event.clientX - box.left > kLabels ? one.tell(at, event.clientY - box.top, ((to - from) / width()) * 2) : null;
    tip.hidden = !words;
    if (!words) return;
    tip.replaceChildren(words);
    const frame = surface.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX - frame.left + 14, frame.width - tip.offsetWidth - 4)}px`;
    tip.style.top = `${event.clientY - frame.top + 16}px`;
  });
  surface.addEventListener("mouseleave", () => (tip.hidden = true));

  const spots = charts.flatMap((one) => (one.run.gantt.whole ? [] : one.run.gantt.windows.map((window) => ({ one, window }))));
  const jump = chooser(
    "Go to detail",
    [["", "…"], ...spots.map(({ one, window }, i): [string, string] => [String(i), `${report.runs.length > 1 ? `${one.run.label}: ` : ""}${time(window[0])} to ${time(window[1])}`])],
    (value) => {
      if (value !== "") zoomTo(...spots[Number(value)].window);
    },
  );
  const names = [...new Set(report.runs.flatMap((run) => run.summary.tasks.map((task) => task.name)))];
  const box = section(
    "timeline",
    "Timeline",
    "Drag to pan; zoom with the buttons, with Ctrl and the wheel, or with the keys + − 0 and arrows. Jobs stand in their task's lane; below, who holds each accelerator.",
    el("div.controls", button("+", "zoom in", () => scaleBy(2)), button("−", "zoom out", () => scaleBy(0.5)), button("whole run", "show all", () => zoomTo(0, end)), jump, status),
    legend([...names.map((name) => ({ label: name, colour: colourOf(name) })), { label: kParts.swap.label, colour: kParts.swap.colour }]),
    el("p.key", "↑ release, ↓ deadline, ", Object.assign(el("span", "✕"), { className: "miss" }), " missed; pale: released and not finished; white lines: regions, when near enough."),
    surface,
  );
  for (const { run } of charts) {
    const prefix = report.runs.length > 1 ? `${run.label}: ` : "";
    if (run.gantt.total_stretches === null) box.append(note(`${prefix}the run left no stretches.csv: jobs are shown without the times they ran.`));
    if (run.gantt.whole && run.gantt.jobs.complete && run.gantt.stretches?.complete !== false) continue;
    box.append(
      note(`${prefix}of ${count(run.gantt.total_jobs)} jobs, detail is kept where the chart has a black line at its top: the start of the run and its worst jobs. Elsewhere heights tell how much of the time a task ran, red marks where deadlines were missed. vesper report --from T --to T keeps the detail of another time.`),
    );
  }
  new ResizeObserver(() => {
    bounds();
    draw();
  }).observe(surface);
  draw();
}
