// Where response times go, and why deadlines were missed.
import { report, type Account, type CauseName, type MissedJob, type Run } from "./data";
import { bars, type Bar, type Part } from "./bars";
import { chooser, colourOf, count, el, kMiss, kParts, note, section, swatch, tableHead, time } from "./look";
import { flag, names, numbers, sortable, times, words } from "./tables";
import { showInGantt } from "./gantt";

const taskName = (run: Run, task: number) => run.summary.tasks[task].name;
const several = () => report.runs.length > 1;

// ---- where the time goes

function partsOf(run: Run, task: number, account: Account): Part[] {
  const waited = account.waited.map((value, other) => ({
    label: other === task ? "waiting for earlier jobs of its own task" : `waiting for ${taskName(run, other)}`,
    value,
    colour: other === task ? "#7f7f7f" : colourOf(taskName(run, other)),
    hatched: true,
  }));
  return [
    { ...kParts.compute, value: account.compute },
    { ...kParts.stall, value: account.stall },
    { ...kParts.swap, value: account.swap },
    { ...kParts.scheduler, value: account.scheduler + account.idle },
    ...waited,
  ];
}

function timeBars(which: "completed_mean" | "missed_mean"): Bar[] {
  return report.runs.flatMap((run) =>
    run.jobs.tasks.flatMap((task, i) => {
      const account = task[which];
      if (!account) return [];
      const name = taskName(run, i);
      return [{ label: several() ? `${run.label}: ${name}` : name, detail: `${count(account.jobs ?? 0)} jobs, mean`, parts: partsOf(run, i, account) }];
    }),
  );
}

export function showTimes(): void {
  const box = section(
    "where",
    "Where response times go",
    "From release to completion, each moment in one part. Waiting: another job held the accelerator. Waiting for memory: the array stood still for loads and stores that compute does not hide.",
  );
  if (report.runs.every((run) => !run.jobs.explained)) {
    box.append(note("The runs left no stretches.csv, which tells who held the accelerator; run the scenarios again to have it."));
    return;
  }
  const missed = timeBars("missed_mean");
  const plot = el("div");
  const choices: [string, string][] = [["completed_mean", "completed"], ...(missed.length > 0 ? [["missed_mean", "that missed their deadline"] as [string, string]] : [])];
  box.append(
    el("div.controls", chooser("Jobs", choices, (which) => plot.replaceChildren(bars(timeBars(which as "completed_mean"))))),
    plot,
  );
}

// ---- why deadlines were missed

const kCauses: Record<CauseName, string> = {
  waited: "blocked by",
  scheduler: "scheduler or idle",
  swap: "preemption overhead",
  memory: "memory stall",
  alone: "too long even alone",
  failed: "memory error",
};

function causeText(run: Run, task: number, cause: CauseName, other: number): string {
  if (cause !== "waited") return kCauses[cause];
  return other === task ? "behind its own earlier jobs" : `blocked by ${taskName(run, other)}`;
}

function reasonColour(run: Run, task: number, cause: CauseName, other: number): [string, boolean] {
  if (cause === "waited") return other === task ? ["#7f7f7f", true] : [colourOf(taskName(run, other)), true];
  const colours: Record<string, string> = { swap: kParts.swap.colour, memory: kParts.stall.colour, scheduler: kParts.scheduler.colour, alone: kParts.compute.colour, failed: kMiss };
  return [colours[cause], false];
}

function reasonCounts(): HTMLElement {
  const reasons = "main reason of its misses";
  const head = tableHead(["task", ...(several() ? ["run"] : []), "jobs", "missed", reasons], ["run", reasons]);
  const names_ = [...new Set(report.runs.flatMap((run) => run.summary.tasks.map((task) => task.name)))];
  const rows = names_.flatMap((name) =>
    report.runs.flatMap((run) => {
      const i = run.summary.tasks.findIndex((task) => task.name === name);
      if (i < 0) return [];
      const task = run.jobs.tasks[i];
      const counts = [...(task.reasons ?? [])].sort((a, b) => b[2] - a[2]);
      const list = el("td.text");
      for (const [cause, other, jobs] of counts) {
        const [colour, hatched] = reasonColour(run, i, cause, other);
        list.append(el("span.item", swatch(colour, hatched), `${causeText(run, i, cause, other)}: ${count(jobs)}`));
      }
      if (counts.length === 0) list.append(task.missed > 0 ? "not known" : "–");
      const runCell = several() ? [el("td.text", run.label)] : [];
      return [el("tr", el("th", name), ...runCell, el("td", count(run.summary.tasks[i].released)), el("td", count(task.missed)), list)];
    }),
  );
  return el("div.scroll", el("table.distributions", head, el("tbody", ...rows)));
}

/** The reason of a miss in a sentence. */
function sentence(run: Run, job: MissedJob): string {
  if (!job.reason) return "not known: the run left no stretches.csv";
  const [cause, other, seconds, enough] = job.reason;
  if (cause === "failed") return "abandoned after a memory error";
  if (cause === "alone") return seconds > 0 ? `alone it takes ${time(seconds)}, longer than its deadline allows` : "nothing but its own work";
  let text = `${causeText(run, job.task, cause, other)} ${time(seconds)}`;
  if (cause === "waited") {
    const holder = job.holders?.find(([task]) => task === other);
    if (holder) text += ` (most: job ${holder[1]}, ${time(holder[2])}${holder[3] ? ", though its deadline is later" : ""})`;
  }
  return text + (enough ? "" : "; late without it as well");
}

interface MissRow {
  run: string;
  task: string;
  job: number;
  release: number;
  late: number;
  finished: string;
  reason: string;
  waited: number | null;
  swap: number | null;
  memory: number | null;
  scheduler: number | null;
  compute: number | null;
  from: number;
  to: number;
  place: number;
}

function missRow(run: Run, place: number, job: MissedJob): MissRow {
  const account = job.account;
  const end = job.finish ?? run.summary.simulated_s;
  return {
    run: run.label,
    task: taskName(run, job.task),
    job: job.job,
    release: job.release,
    late: job.late,
    finished: job.finish === null ? "no" : "yes",
    reason: sentence(run, job),
    waited: account ? account.waited.reduce((a, b) => a + b, 0) : null,
    swap: account ? account.swap : null,
    memory: job.memory ?? null,
    scheduler: account ? account.scheduler + account.idle : null,
    compute: account ? account.compute : null,
    from: job.release,
    to: end,
    place,
  };
}

const runColumn = () => (several() ? [names("run", "run", report.runs.map((run) => run.label))] : []);
const taskColumn = () => names("task", "task", [...new Set(report.runs.flatMap((run) => run.summary.tasks.map((task) => task.name)))]);

function listed(shown: number, total: number, what: string, which: string): HTMLElement {
  return note(shown < total ? `The table has ${count(shown)} of ${count(total)} ${what}: ${which}.` : `The table has all ${count(total)} ${what}.`);
}

export function showMisses(): void {
  const total = report.runs.reduce((sum, run) => sum + run.jobs.misses, 0);
  const box = section(
    "misses",
    "Deadline misses",
    "The main reason is the longest thing in a job's way that it would not have met alone. Arithmetic, not a second simulation: taking it away, all else alike, would have saved that time.",
    reasonCounts(),
  );
  if (total === 0) {
    box.append(note("No deadline was missed."));
    return;
  }
  const rows = report.runs.flatMap((run, place) => run.jobs.missed.map((job) => missRow(run, place, job)));
  box.append(listed(rows.length, total, "misses", "the latest of every task"), note("A click on a row shows it in the timeline."));
  const explained = rows.some((row) => row.waited !== null);
  sortable(
    box,
    rows,
    [
      ...runColumn(),
      taskColumn(),
      numbers("job", "job"),
      times("release", "release", rows),
      times("late by", "late", rows),
      flag("finished", "finished"),
      words("reason", "reason", { minWidth: 260 }),
      ...(explained
        ? [times("waited", "waited", rows), times("swapping", "swap", rows), times("memory stall", "memory", rows), times("scheduler, idle", "scheduler", rows), times("compute", "compute", rows)]
        : []),
    ],
    [{ column: "late", dir: "desc" }],
    (row) => showInGantt(row.place, row.from, row.to),
  );
}

// ---- jobs

export function showJobs(): void {
  const total = report.runs.reduce((sum, run) => sum + run.jobs.total, 0);
  const rows = report.runs.flatMap((run, place) =>
    run.jobs.jobs.map((job) => ({
      run: run.label,
      task: taskName(run, job.task),
      job: job.job,
      release: job.release,
      start: job.start,
      finish: job.finish,
      response: job.finish === null ? null : job.finish - job.release,
      deadline: job.deadline === null ? null : job.deadline - job.release,
      isolated: job.isolated,
      preemptions: job.preemptions,
      missed: job.missed ? "yes" : "no",
      place,
      to: job.finish ?? run.summary.simulated_s,
    })),
  );
  const box = section("jobs", "Jobs", "A row a job. Headers sort, the fields below them filter. A click on a row shows it in the timeline.", listed(rows.length, total, "jobs", "those of every task that took longest"));
  sortable(
    box,
    rows,
    [
      ...runColumn(),
      taskColumn(),
      numbers("job", "job"),
      times("release", "release", rows),
      times("first run", "start", rows),
      times("finish", "finish", rows),
      times("response", "response", rows),
      times("relative deadline", "deadline", rows),
      times("time alone", "isolated", rows),
      numbers("preemptions", "preemptions"),
      flag("missed", "missed"),
    ],
    [{ column: "response", dir: "desc" }],
    (row) => showInGantt(row.place, row.release, row.to),
  );
}
