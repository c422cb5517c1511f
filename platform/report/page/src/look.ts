// Colours, words of numbers and small pieces of the document.
import { everybody } from "./data";

// Okabe and Ito (2008), which stay apart for colour-blind readers; then mixtures, for many tasks.
const kTaskColours = [
  "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
  "#5b4b9a", "#8c510a", "#01665e", "#b2607a", "#7f7f2a", "#7fa6c9",
];

/** Of a task or requester, the same everywhere. */
export function colourOf(name: string): string {
  return kTaskColours[everybody.indexOf(name) % kTaskColours.length];
}

/** What a job's time went into, waiting for others apart. */
export const kParts = {
  compute: { label: "compute", colour: "#3a3f47" },
  stall: { label: "waiting for memory", colour: "#9aa1ab" },
  swap: { label: "swapping", colour: "#f0e442" },
  scheduler: { label: "scheduler, idle", colour: "#d7dbe0" },
} as const;

export const kMiss = "#a50026";
export const kInk = "#1d232b";
export const kFaint = "#6a737d";
export const kGrid = "#e3e6ea";
export const kFont = "12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif";
/** Dashes of lines, by run. */
export const kDashes: number[][] = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

const kUnits: [number, string][] = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"], [1e-12, "ps"]];

function unitFor(seconds: number): [number, string] {
  const size = Math.abs(seconds);
  return kUnits.find(([scale]) => size >= scale * 0.9995) ?? kUnits[4];
}

/** The unit in which the largest of some times reads well. */
export function commonUnit(seconds: number): { scale: number; unit: string } {
  const [scale, unit] = seconds === 0 ? kUnits[1] : unitFor(seconds);
  return { scale, unit };
}

export function digits(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6) return value.toLocaleString("en", { maximumFractionDigits: 0 });
  if (size < 1e-3) return value.toExponential(1);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toLocaleString("en", { minimumFractionDigits: Math.min(decimals, 3), maximumFractionDigits: Math.min(decimals, 3) });
}

export function time(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "–";
  if (seconds === 0) return "0";
  const [scale, unit] = unitFor(seconds);
  return `${digits(seconds / scale)} ${unit}`;
}

/** A point of time, with digits enough to tell it from others about `span` away. */
export function instant(seconds: number, span: number): string {
  const [scale, unit] = unitFor(Math.max(Math.abs(seconds), span));
  const decimals = Math.max(0, Math.min(12, Math.ceil(-Math.log10(span / scale)) + 2));
  return `${(seconds / scale).toFixed(decimals)} ${unit}`;
}

/** A number without zeros at its end, for axes. */
export const short = (value: number) => String(Number(value.toPrecision(6)));

export const count = (value: number) => value.toLocaleString("en");
export const percent = (fraction: number | null | undefined, decimals = 1) =>
  fraction === null || fraction === undefined ? "–" : `${(100 * fraction).toFixed(decimals)} %`;

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (Math.abs(value) >= 1000 && i + 1 < units.length) {
    value /= 1000;
    ++i;
  }
  return `${digits(value)} ${units[i]}`;
}

type Child = Node | string | null | undefined;

/** An element: `el("p.note", "text")`. */
export function el<K extends keyof HTMLElementTagNameMap>(what: K | `${K}.${string}`, ...children: Child[]): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag) as HTMLElementTagNameMap[K];
  if (classes.length > 0) element.className = classes.join(" ");
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

export function swatch(colour: string, hatched = false): HTMLElement {
  const mark = el("span.swatch");
  mark.style.background = fill(colour, hatched);
  return mark;
}

export function fill(colour: string, hatched: boolean): string {
  return hatched ? `repeating-linear-gradient(135deg, ${colour} 0 3px, color-mix(in srgb, ${colour} 55%, white) 3px 6px)` : colour;
}

export function legend(items: { label: string; colour: string; hatched?: boolean }[]): HTMLElement {
  return el("div.legend", ...items.map(({ label, colour, hatched }) => el("span.item", swatch(colour, hatched), label)));
}

/** A select with a label; tells of a choice and of the first. */
export function chooser(label: string, options: [value: string, text: string][], chosen: (value: string) => void): HTMLElement {
  const select = el("select", ...options.map(([value, text]) => Object.assign(el("option", text), { value })));
  select.addEventListener("change", () => chosen(select.value));
  if (options.length > 0) chosen(options[0][0]);
  const box = el("label.chooser", `${label} `, select);
  box.hidden = options.length < 2;
  return box;
}

/** A section with its heading, told of by the navigation. */
export function section(id: string, title: string, lead: string, ...children: Child[]): HTMLElement {
  const box = el("section", el("h2", title), el("p.lead", lead), ...children);
  box.id = id;
  document.getElementById("main")!.append(box);
  document.getElementById("nav")!.append(Object.assign(el("a", title), { href: `#${id}` }));
  return box;
}

export const note = (text: string) => el("p.note", text);

/** The head of a table; numbers stand to the right, and so do their headings. */
export function tableHead(titles: string[], texts: string[] = []): HTMLElement {
  return el("thead", el("tr", ...titles.map((title) => el(texts.includes(title) ? "th.text" : "th", title))));
}
