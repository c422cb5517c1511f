// Tables that sort and filter, by Tabulator.
import {
  EditModule, FilterModule, FormatModule, InteractionModule, PageModule, ResizeColumnsModule, SortModule, Tabulator,
  type ColumnDefinition,
} from "tabulator-tables";
import { commonUnit, el } from "./look";

Tabulator.registerModule([EditModule, FilterModule, FormatModule, InteractionModule, PageModule, ResizeColumnsModule, SortModule]);

/** Words, filtered by a part of them. */
export function words(title: string, field: string, extra: Partial<ColumnDefinition> = {}): ColumnDefinition {
  return { title, field, headerFilter: "input", headerFilterPlaceholder: "contains", hozAlign: "left", ...extra };
}

/** Names of which there are few, filtered by one of them. */
export function names(title: string, field: string, values: string[]): ColumnDefinition {
  const element = () => {
    const select = el("select", ...["", ...values].map((value) => Object.assign(el("option", value === "" ? "all" : value), { value })));
    return select;
  };
  return {
    title,
    field,
    headerFilter: (_cell, _rendered, success) => {
      const select = element();
      select.addEventListener("change", () => success(select.value));
      return select;
    },
    headerFilterFunc: "=",
    headerFilterLiveFilter: false,
  };
}

const atLeast = (scale: number) => (wanted: string, value: number | null) => value !== null && value / scale >= Number(wanted) * (1 - 1e-12);

export function numbers(title: string, field: string): ColumnDefinition {
  return { title, field, hozAlign: "right", sorter: "number", headerFilter: "number", headerFilterPlaceholder: "≥", headerFilterFunc: atLeast(1) };
}

/** Times of one unit, which the largest of them chooses. */
export function times<Row>(title: string, field: string & keyof Row, rows: Row[]): ColumnDefinition {
  const largest = rows.reduce((most, row) => Math.max(most, Math.abs((row[field] as number | null) ?? 0)), 0);
  const { scale, unit } = commonUnit(largest);
  return {
    title: `${title} (${unit})`,
    field,
    hozAlign: "right",
    sorter: "number",
    sorterParams: { alignEmptyValues: "bottom" },
    headerFilter: "number",
    headerFilterPlaceholder: "≥",
    headerFilterFunc: atLeast(scale),
    formatter: (cell) => {
      const value = cell.getValue() as number | null;
      return value === null ? "–" : (value / scale).toFixed(scale === 1 ? 6 : 3);
    },
  };
}

export function flag(title: string, field: string): ColumnDefinition {
  return { ...names(title, field, ["yes", "no"]), hozAlign: "center" };
}

export function sortable<Row extends object>(
  box: HTMLElement,
  rows: Row[],
  columns: ColumnDefinition[],
  sort: { column: string; dir: "asc" | "desc" }[],
  chosen?: (row: Row) => void,
): Tabulator {
  const holder = el("div.sortable");
  box.append(holder);
  const table = new Tabulator(holder, {
    data: rows,
    columns,
    initialSort: sort,
    layout: "fitDataStretch",
    pagination: true,
    paginationSize: 15,
    paginationSizeSelector: [15, 50, 200],
    paginationCounter: "rows",
    placeholder: "No row passes the filters.",
  });
  if (chosen) {
    holder.classList.add("choosable");
    table.on("rowClick", (_event, row) => chosen(row.getData() as Row));
  }
  return table;
}
