// The report's data as the C++ side writes it (platform/report/report.cpp), and its columns.

export type Column = [type: "f64" | "f32" | "u32" | "u16" | "u8", offset: number, count: number];
export type Numbers = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

export interface Distribution {
  count?: number;
  mean: number;
  min?: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}
export interface Curve {
  x: Column;
  p: Column;
}
export interface Summary {
  scenario: string;
  seed: number;
  config_sha256: string;
  simulated_s: number;
  complete: boolean;
  tasks: {
    name: string;
    released: number;
    completed: number;
    missed: number;
    failed: number;
    response_s: Distribution | null;
    slowdown: { mean: number; max: number } | null;
  }[];
  scheduler: {
    placement: string;
    policy: string;
    decisions: number;
    preemptions: number;
    decision_latency_s: Distribution | null;
    preemption_latency_s: Distribution | null;
    blocking_s: Distribution | null;
  };
  metrics: Record<string, number | null>;
  accelerators: { name: string; busy_fraction: number; compute_utilisation: number; steps: number }[];
  ddr: { name: string; utilisation: number; row_hit_rate: number }[];
}
export interface Account {
  jobs?: number;
  waited: number[];
  idle: number;
  scheduler: number;
  swap: number;
  compute: number;
  stall: number;
  memory?: number;
}
export type CauseName = "waited" | "scheduler" | "swap" | "memory" | "alone" | "failed";
export interface Job {
  task: number;
  job: number;
  release: number;
  start: number | null;
  finish: number | null;
  deadline: number | null;
  isolated: number | null;
  preemptions: number;
  missed: boolean;
  late: number;
}
export interface MissedJob extends Job {
  reason?: [cause: CauseName, task: number, time: number, enough: boolean];
  account?: Account;
  memory?: number;
  holders?: [task: number, job: number, time: number, laterDeadline: boolean][];
}
export interface Gantt {
  end_s: number;
  whole: boolean;
  windows: [number, number][];
  total_jobs: number;
  total_stretches: number | null;
  bins: { width_s: number; tasks: { busy: Column; missed: Column }[] };
  jobs: { complete: boolean } & Record<"release" | "start" | "finish" | "deadline" | "number" | "task" | "missed", Column>;
  stretches?: { complete: boolean } & Record<
    "start" | "length" | "scheduler" | "swap" | "compute" | "job" | "regions" | "task" | "accelerator",
    Column
  >;
  regions: { complete: boolean; at: Column; accelerator: Column };
}
export interface Run {
  label: string;
  summary: Summary;
  requesters: string[];
  accelerators: string[];
  responses: {
    distribution: Distribution | null;
    curve: Curve;
    isolated_s: number | null;
    deadline_s: [number | null, number | null];
  }[];
  decisions: {
    ahead: number;
    causes: { cause: string; total: Distribution; parts: { name: string; distribution: Distribution }[]; curve: Curve }[];
  } | null;
  bandwidth: {
    window_s: number;
    bin_s: number;
    bins: number;
    ports: string[];
    series: { port: number; requester: number; read_bytes: number; write_bytes: number; read: Column; write: Column }[];
  } | null;
  interference: [where: string, task: number, waitedFor: number, time: number][] | null;
  memory_time:
    | { requester: number; payloads: number; bytes: number; latency_s: number; parts: Record<string, number> }[]
    | null;
  jobs: {
    explained: boolean;
    total: number;
    misses: number;
    tasks: {
      missed: number;
      completed_mean: Account | null;
      missed_mean: Account | null;
      reasons: [CauseName, number, number][] | null;
    }[];
    missed: MissedJob[];
    jobs: Job[];
  };
  gantt: Gantt;
}
export interface Report {
  runs: Run[];
  differences: [path: string, values: (string | null)[]][];
}

function decoded(base64: string): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

const element = (id: string) => document.getElementById(id)!;

export const report: Report = JSON.parse(element("report-data").textContent!);
const buffer = decoded(element("report-columns").textContent!);

const kArrays = { f64: Float64Array, f32: Float32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array };

/** The numbers of a column, in place. */
export function column([type, offset, count]: Column): Numbers {
  return new kArrays[type](buffer, offset, count);
}

/** Every task or other requester of any run, by name: the same name is the same thing in all runs. */
export const everybody: string[] = [];
for (const run of report.runs) {
  for (const name of run.requesters) if (!everybody.includes(name)) everybody.push(name);
}
