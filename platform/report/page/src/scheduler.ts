// Where the time of decisions goes.
import { report } from "./data";
import { bars, type Bar } from "./bars";
import { distributionTable, showDecisionCurves, type DistributionRow } from "./responses";
import { count, el, note, section } from "./look";

const kStages: Record<string, { label: string; colour: string }> = {
  trigger_to_interrupt: { label: "event to interrupt", colour: "#0072b2" },
  interrupt_to_vector: { label: "interrupt to vector", colour: "#56b4e9" },
  vector_to_policy: { label: "vector to policy", colour: "#e69f00" },
  policy: { label: "policy", colour: "#d55e00" },
  policy_to_instruction: { label: "policy to instruction", colour: "#009e73" },
};
const kWhole = { label: "whole decision (not divided: no firmware in its way)", colour: "#7a828c" };

const named = (run: number, text: string) => (report.runs.length > 1 ? `${report.runs[run].label}: ${text}` : text);

function latencyBars(): Bar[] {
  return report.runs.flatMap((run, i) =>
    (run.decisions?.causes ?? []).map((cause) => ({
      label: named(i, `after ${cause.cause}`),
      detail: `${count(cause.total.count ?? 0)} decisions, mean`,
      parts:
        cause.parts.length > 0
          ? cause.parts.map((part) => ({ ...kStages[part.name], value: (part.distribution.mean * (part.distribution.count ?? 0)) / (cause.total.count ?? 1) }))
          : [{ ...kWhole, value: cause.total.mean }],
    })),
  );
}

function latencyRows(): DistributionRow[] {
  return report.runs.flatMap((run, i) =>
    (run.decisions?.causes ?? []).flatMap((cause) => [
      { label: `after ${cause.cause}, whole`, run: i, distribution: cause.total },
      ...cause.parts.map((part) => ({ label: `after ${cause.cause}, ${kStages[part.name].label}`, run: i, distribution: part.distribution })),
    ]),
  );
}

export function showScheduler(): void {
  const box = section(
    "decisions",
    "Decision latency",
    "From what made a decision due (the feedback of a region or the release of a job) to the instruction at the accelerator.",
  );
  const all = latencyBars();
  if (all.length === 0) {
    box.append(note("The runs left no decisions with a trigger (decisions.csv)."));
    return;
  }
  const plot = el("div");
  box.append(bars(all), plot, distributionTable("decision", latencyRows()));
  const ahead = report.runs.reduce((sum, run) => sum + (run.decisions?.ahead ?? 0), 0);
  if (ahead > 0) box.append(note(`${count(ahead)} instructions were sent ahead of need; they have no latency and are left out.`));
  showDecisionCurves(plot);
}
