// How large the report of a million jobs is, how long it takes to write, and how long Chromium takes to open it:
//   VESPER=build/release/bin/vesper node tests/benchmarks/report_of_a_million_jobs.mjs [JOBS]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { writeLongRun } from "../support/long_run.mjs";

const vesper = resolve(process.env.VESPER ?? "build/release/bin/vesper");
const packages = process.env.VESPER_PAGE_PACKAGES ?? join(dirname(vesper), "../platform/report/page/node_modules");
const { chromium } = createRequire(join(packages, "page.js"))("playwright-core");
const folder = mkdtempSync(join(tmpdir(), "vesper-million-"));
try {
  const { jobs } = writeLongRun(folder, Number(process.argv[2] ?? 1_000_000));
  const begin = performance.now();
  execFileSync(vesper, ["report", folder]);
  const file = join(folder, "report.html");
  console.log(`${jobs} jobs: written in ${((performance.now() - begin) / 1000).toFixed(2)} s, ${(statSync(file).size / 1e6).toFixed(2)} MB`);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  for (let i = 0; i < 5; ++i) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const opened = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector("html[data-ready=yes]");
    console.log(`opened, every section drawn, in ${((performance.now() - opened) / 1000).toFixed(2)} s`);
    await page.close();
  }
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
