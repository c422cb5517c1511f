// A run folder of any length, for tests and benchmarks of the report: two tasks on one accelerator, in frames of
// 10 ms with a camera job, a lidar job that preempts it, and in every 97th frame a camera job that is late.
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const kFrame = 10_000_000n; // all times in nanoseconds

/** Seconds, exactly, as runs write them. */
function seconds(ns) {
  const text = `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, "0")}`;
  return text.replace(/\.?0+$/, "");
}

class Table {
  constructor(file, header) {
    this.file = openSync(file, "w");
    this.text = `${header}\n`;
  }
  row(...cells) {
    this.text += `${cells.join(",")}\n`;
    if (this.text.length > 1 << 20) this.flush();
  }
  flush() {
    writeSync(this.file, this.text);
    this.text = "";
  }
  close() {
    this.flush();
    closeSync(this.file);
  }
}

function summary(frames, late) {
  const task = (name, missed) => ({ name, released: frames, completed: frames, missed, failed: 0, response_s: null, slowdown: null });
  return {
    scenario: `a long run of ${2 * frames} jobs`,
    seed: 1,
    config_sha256: "0".repeat(64),
    simulated_s: frames * 0.01,
    complete: true,
    tasks: [task("camera", late), task("lidar", 0)],
    scheduler: { placement: "hardware", policy: "edf", decisions: 3 * frames, preemptions: frames, decision_latency_s: null, preemption_latency_s: null, blocking_s: null },
    metrics: { antt: null, stp: null, violation_rate: null, miss_rate: late / (2 * frames), throughput_per_s: 200, task_antt: null, worst_slowdown: null },
    accelerators: [{ name: "accelerator", busy_fraction: 0.8, compute_utilisation: 0.5, steps: 1, memory_errors: 0 }],
  };
}

/** Writes the folder of a run of about this many jobs. */
export function writeLongRun(folder, jobs) {
  mkdirSync(folder, { recursive: true });
  const frames = Math.ceil(jobs / 2);
  const jobTable = new Table(join(folder, "jobs.csv"), "task,job,release_s,start_s,finish_s,deadline_s,response_s,missed,preemptions,late,failed,isolated_s,weight,warm_up");
  const stretches = new Table(join(folder, "stretches.csv"), "accelerator,task,job,start_s,end_s,regions,scheduler_s,swap_s,compute_s,stall_s");
  const decisions = new Table(
    join(folder, "decisions.csv"),
    "decision,accelerator,task,job,region,preempt,resume,previous_task,previous_job,cause,trigger_s,interrupt_asserted_s,vector_entered_s,policy_entered_s,policy_left_s,instruction_s,trigger_to_interrupt_s,interrupt_to_vector_s,vector_to_policy_s,policy_s,policy_to_instruction_s,total_s",
  );
  let late = 0;
  for (let frame = 0; frame < frames; ++frame) {
    const begin = BigInt(frame) * kFrame;
    const at = (ns) => seconds(begin + BigInt(ns));
    const jitter = (frame * 7919) % 100_000; // some of everything, the same every time
    const over = frame % 97 === 96;
    const end = over ? 9_000_000 + jitter : 7_000_000 + jitter;
    if (over) ++late;
    jobTable.row("lidar", frame, at(2_000_000), at(2_100_040), at(4_000_000), at(6_000_000), "0.002", 0, 0, 0, 0, "0.0018", 1, 0);
    jobTable.row("camera", frame, at(0), at(40), at(end), at(8_000_000), seconds(BigInt(end)), over ? 1 : 0, 1, 0, 0, "0.005", 1, 0);
    stretches.row("accelerator", "camera", frame, at(40), at(2_100_000), 20, "0.0000008", 0, "0.001", "0.0010991");
    stretches.row("accelerator", "lidar", frame, at(2_100_040), at(4_000_000), 7, "0.0000003", "0.0001", "0.001", "0.00079966");
    stretches.row("accelerator", "camera", frame, at(4_000_040), at(end), 30, "0.000001", "0.0002", "0.002", seconds(BigInt(end - 4_000_040 - 2_201_000)));
    const decide = (number, task, preempt, resume, cause, trigger) =>
      decisions.row(3 * frame + number, "accelerator", task, frame, 0, preempt, resume, preempt ? "camera" : "", preempt ? frame : "", cause, at(trigger), "", "", "", "", at(trigger + 40), "", "", "", "", "", "0.00000004");
    decide(0, "camera", 0, 0, "release", 0);
    decide(1, "lidar", 1, 0, "feedback", 2_100_000);
    decide(2, "camera", 0, 1, "feedback", 4_000_000);
  }
  for (const table of [jobTable, stretches, decisions]) table.close();
  writeFileSync(join(folder, "summary.json"), JSON.stringify(summary(frames, late)));
  return { jobs: 2 * frames, late };
}
