// The report's page: every section, then a word on where it comes from.
import "uplot/dist/uPlot.min.css";
import "tabulator-tables/dist/css/tabulator_simple.min.css";
import "./style.css";
import { report } from "./data";
import { showGantt } from "./gantt";
import { el } from "./look";
import { showMemory } from "./memory";
import { showJobs, showMisses, showTimes } from "./misses";
import { showOverview } from "./overview";
import { showResponses } from "./responses";
import { showScheduler } from "./scheduler";

declare global {
  interface Window {
    vesperLicences: { name: string; version: string; licence: string; text: string }[];
  }
}

function showHead(): void {
  const head = document.getElementById("head")!;
  const [first] = report.runs;
  const title = report.runs.length > 1 ? `${report.runs.length} runs side by side` : first.summary.scenario;
  document.title = `${title} – Vesper report`;
  head.replaceChildren(el("p.brand", "Vesper report"), el("h1", title));
  if (report.runs.length > 1) head.append(el("p.lead", report.runs.map((run) => run.label).join(" · ")));
}

function showFoot(): void {
  const texts = window.vesperLicences.map((one) => el("details", el("summary", `${one.name} ${one.version}, ${one.licence}`), el("pre", one.text)));
  document.getElementById("foot")!.append(
    el("p", "Written by vesper report from the files that the runs left. Times are simulated. This page loads nothing."),
    el("details.licences", el("summary", "Libraries in this page and their licences"), ...texts),
  );
}

showHead();
showOverview();
showGantt();
showResponses();
showTimes();
showMisses();
showScheduler();
showMemory();
showJobs();
showFoot();
document.documentElement.dataset.ready = "yes";
