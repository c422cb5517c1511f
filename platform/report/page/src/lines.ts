// Line charts over a numeric axis, by uPlot.
import uPlot from "uplot";
import { el, kDashes, kFaint, kFont, kGrid, short } from "./look";

export interface Line {
  label: string;
  colour: string;
  run: number; // gives the dash
  values: (number | null)[] | ArrayLike<number | null>;
  stepped?: boolean;
}
export interface Chart {
  title?: string;
  x: ArrayLike<number>;
  lines: Line[];
  xLabel: string;
  yLabel: string;
  height?: number;
  yRange?: [number, number];
  yLog?: boolean;
  xLog?: boolean;
  marks?: { x: number; colour: string; label: string }[];
  sync?: string;
  xFormat: (value: number) => string;
  yFormat: (value: number) => string;
}

function drawMarks(marks: NonNullable<Chart["marks"]>) {
  return (plot: uPlot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    for (const mark of marks) {
      const x = plot.valToPos(mark.x, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = mark.colour;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillStyle = mark.colour;
      ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
      ctx.textAlign = "right";
      ctx.save();
      ctx.translate(x - 4 * devicePixelRatio, bbox.top + 4 * devicePixelRatio);
      ctx.rotate(-Math.PI / 2);
      ctx.fillText(mark.label, 0, 0);
      ctx.restore();
    }
    ctx.restore();
  };
}

/** Puts the chart into a box; it follows the box's width. Dragging zooms, a double click shows all. */
export function chart(box: HTMLElement, c: Chart): uPlot {
  const axis = { stroke: kFaint, grid: { stroke: kGrid, width: 1 }, ticks: { stroke: kGrid, width: 1 }, font: kFont, labelFont: kFont, labelSize: 18, labelGap: 2 };
  const options: uPlot.Options = {
    width: Math.max(320, box.clientWidth),
    height: c.height ?? 300,
    title: c.title,
    scales: { x: { time: false, distr: c.xLog ? 3 : 1 }, y: { distr: c.yLog ? 3 : 1, ...(c.yRange ? { range: c.yRange } : { range: (_u, _min, max) => [0, max > 0 ? max * 1.05 : 1] as [number, number] }) } },
    axes: [
      { ...axis, label: c.xLabel, size: 34, ...(c.xLog ? { values: (_u: uPlot, ticks: number[]) => ticks.map((t) => (t === null ? "" : short(t))) } : {}) },
      { ...axis, label: c.yLabel, size: 62, ...(c.yLog ? { values: (_u: uPlot, ticks: number[]) => ticks.map((t) => (t === null ? "" : c.yFormat(t))) } : {}) },
    ],
    series: [
      { label: c.xLabel, value: (_u, v) => (v === null || v === undefined ? "–" : c.xFormat(v)) },
      ...c.lines.map((line): uPlot.Series => ({
        label: line.label,
        stroke: line.colour,
        width: 1.75,
        dash: kDashes[line.run % kDashes.length],
        spanGaps: !line.stepped,
        points: { show: false },
        paths: line.stepped ? uPlot.paths.stepped!({ align: 1 }) : undefined,
        value: (_u, v) => (v === null || v === undefined ? "–" : c.yFormat(v)),
      })),
    ],
    legend: {
      markers: {
        width: 2,
        dash: (_u, i) => (i === 0 ? "solid" : ["solid", "dashed", "dotted", "double"][c.lines[i - 1].run % 4]),
        fill: (_u, i) => (i > 0 && c.lines[i - 1].run === 0 ? c.lines[i - 1].colour : "transparent"),
      },
    },
    cursor: { drag: { x: true, y: false }, ...(c.sync ? { sync: { key: c.sync } } : {}) },
    hooks: { draw: [drawMarks(c.marks ?? [])] },
  };
  const data = [c.x, ...c.lines.map((line) => line.values)] as unknown as uPlot.AlignedData;
  const holder = el("div.chart");
  box.append(holder);
  const plot = new uPlot(options, data, holder);
  new ResizeObserver(() => {
    const width = Math.max(320, box.clientWidth);
    if (width !== plot.width) plot.setSize({ width, height: options.height });
  }).observe(box);
  return plot;
}
