// Bars side by side on one scale, each divided into parts.
import { commonUnit, digits, el, fill, legend, short, time } from "./look";

export interface Part {
  label: string;
  value: number; // seconds
  colour: string;
  hatched?: boolean;
}
export interface Bar {
  label: string;
  detail?: string;
  parts: Part[];
}

function niceStep(range: number): number {
  const raw = range / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5, 10].find((step) => step * power >= raw) ?? 10);
}

function axis(most: number, scale: number, unit: string): HTMLElement {
  const line = el("div.axis");
  const step = niceStep(most / scale);
  for (let i = 0; i * step <= (most / scale) * 1.0001; ++i) {
    const tick = el("span.tick", short(i * step));
    tick.style.left = `${((i * step * scale) / most) * 100}%`;
    line.append(tick);
  }
  return el("div.bar.axis-row", el("div.bar-label", unit), line, el("div.bar-total"));
}

/** The bars with axis and legend; `unit` is of time, chosen by the longest. */
export function bars(all: Bar[]): HTMLElement {
  const total = (bar: Bar) => bar.parts.reduce((sum, part) => sum + part.value, 0);
  const most = Math.max(...all.map(total), 1e-12);
  const { scale, unit } = commonUnit(most);
  const text = (value: number) => `${digits(value / scale)} ${unit}`;
  const known = new Map<string, Part>();
  const rows = all.map((bar) => {
    const track = el("div.track");
    for (const part of bar.parts) {
      if (part.value <= 0) continue;
      known.set(part.label, part);
      const block = el("div.part");
      block.style.width = `${(part.value / most) * 100}%`;
      block.style.background = fill(part.colour, part.hatched ?? false);
      block.title = `${part.label}: ${text(part.value)} (${((100 * part.value) / total(bar)).toFixed(1)} %)`;
      track.append(block);
    }
    const label = el("div.bar-label", bar.label, bar.detail ? el("small", bar.detail) : null);
    return el("div.bar", label, track, el("div.bar-total", time(total(bar))));
  });
  return el("div.bars", legend([...known.values()]), ...rows, axis(most, scale, unit));
}
