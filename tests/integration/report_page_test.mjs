// The page that `vesper report` writes, in headless Chromium as a reader meets it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { writeLongRun } from "../support/long_run.mjs";

const { VESPER, VESPER_SOURCE, VESPER_PAGE_PACKAGES, CHROMIUM } = process.env;
const { chromium } = createRequire(join(VESPER_PAGE_PACKAGES, "page.js"))("playwright-core");

const kSections = ["overview", "timeline", "responses", "where", "misses", "decisions", "memory", "jobs"];
const kDemo = "scenarios/demo/camera_and_lidar";

let folder;
let browser;

const vesper = (...words) => execFileSync(VESPER, words, { cwd: VESPER_SOURCE, stdio: ["ignore", "pipe", "pipe"] });
const at = (name) => join(folder, name);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "vesper-report-"));
  vesper("run", `${kDemo}_layerwise.yaml`, "--out", at("layerwise"), "--bandwidth");
  vesper("run", `${kDemo}_software.yaml`, "--out", at("software"), "--bandwidth");
  vesper("run", "scenarios/bandwidth/hostile.yaml", "--until", "12 ms", "--out", at("hostile"), "--bandwidth");
  vesper("run", `${kDemo}.yaml`, "--out", at("bare"));
  const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the report of these runs; `check` gets the page, and the page has nothing to complain about. */
async function open(runs, check) {
  const file = at(`${runs.join("-")}.html`);
  vesper("report", ...runs.map(at), "--out", file);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(15_000);
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) said.push(`loads ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("html[data-ready=yes]");
  await check(page, file);
  await page.waitForTimeout(100);
  assert.deepEqual(said, []);
  await page.close();
}

/** The texts of a column of the table in a section, by the column's field. */
const cells = (page, section, field) =>
  page.locator(`#${section} .tabulator-row .tabulator-cell[tabulator-field="${field}"]`).allInnerTexts();

/** What the timeline shows: from, to in seconds. */
const view = (page) => page.locator(".gantt").evaluate((gantt) => [Number(gantt.dataset.from), Number(gantt.dataset.to)]);

/** How many pixels of a chart have this colour. */
const pixels = (page, selector, colour) =>
  page.locator(selector).first().evaluate((canvas, [r, g, b]) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] === r && data[i + 1] === g && data[i + 2] === b) ++count;
    return count;
  }, colour);

/** The columns of the page's data, decoded as the page does. */
function dataOf(file) {
  const text = readFileSync(file, "utf8");
  const element = (id) => text.split(`<script id="${id}"`)[1].split(">").slice(1).join(">").split("</script>")[0];
  const bytes = Buffer.from(element("report-columns"), "base64");
  const arrays = { f64: Float64Array, f32: Float32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array };
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return { report: JSON.parse(element("report-data")), column: ([type, offset, count]) => new arrays[type](buffer, offset, count) };
}

function csv(name) {
  const [head, ...rows] = readFileSync(at(name), "utf8").trim().split("\n").map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(head.map((column, i) => [column, row[i]])));
}

test("a run's page shows every section", async () => {
  await open(["layerwise"], async (page) => {
    assert.match(await page.title(), /preempted between layers – Vesper report/);
    for (const id of kSections) {
      const box = await page.locator(`section#${id}`).boundingBox();
      assert.ok(box.height > 60, id);
      assert.equal(await page.locator(`nav a[href="#${id}"]`).count(), 1, id);
    }
    assert.equal(await page.locator("#responses canvas").count(), 1);
    assert.equal(await page.locator("#bandwidth canvas").count(), 1);
    assert.ok((await page.locator("#where .part").count()) > 4);
    assert.match(await page.locator("#misses").innerText(), /blocked by camera: 6/);
  });
});

test("libraries bring their licences", async () => {
  await open(["layerwise"], async (page) => {
    await page.locator("footer details.licences > summary").click();
    const texts = await page.locator("footer details.licences details").allInnerTexts();
    assert.ok(texts.length > 5);
    for (const name of ["uplot", "tabulator-tables", "d3-zoom"]) assert.ok(texts.some((text) => text.startsWith(name)), name);
    for (const text of await page.locator("footer pre").allTextContents()) assert.match(text, /permi(t|ssion)/i);
  });
});

test("tables sort and filter", async () => {
  await open(["layerwise"], async (page) => {
    const numbers = async () => (await cells(page, "jobs", "response")).filter((text) => text !== "–").map(Number);
    const sorted = (values, sign) => values.every((value, i) => i === 0 || sign * (value - values[i - 1]) >= 0);
    assert.ok(sorted(await numbers(), -1));
    await page.locator('#jobs .tabulator-col[tabulator-field="response"] .tabulator-col-title').click();
    const rising = await numbers();
    assert.ok(rising.length > 10 && sorted(rising, 1));
    await page.locator('#jobs .tabulator-col[tabulator-field="task"] select').selectOption("lidar");
    await page.waitForFunction(() => ![...document.querySelectorAll('#jobs .tabulator-cell[tabulator-field="task"]')].some((cell) => cell.textContent === "camera"));
    assert.ok((await cells(page, "jobs", "task")).length >= 15);
    await page.locator('#jobs .tabulator-col[tabulator-field="response"] input').pressSequentially("8");
    await page.waitForFunction(() => document.querySelectorAll("#jobs .tabulator-row").length === 2);
    assert.ok((await numbers()).every((value) => value >= 8));
    await page.locator('#misses .tabulator-col[tabulator-field="reason"] input').pressSequentially("no such reason");
    await page.waitForFunction(() => document.querySelectorAll("#misses .tabulator-row").length === 0);
  });
});

test("the timeline zooms, pans and goes to a miss", async () => {
  await open(["layerwise"], async (page) => {
    assert.deepEqual(await view(page), [0, 0.2]);
    const camera = [0x00, 0x72, 0xb2];
    assert.ok((await pixels(page, ".gantt canvas", camera)) > 2000);
    await page.locator('#timeline button[title="zoom in"]').click();
    await page.waitForFunction(() => Number(document.querySelector(".gantt").dataset.to) < 0.19);
    const [from, to] = await view(page);
    assert.ok(Math.abs(to - from - 0.1) < 1e-6);
    await page.locator(".gantt").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((before) => Number(document.querySelector(".gantt").dataset.from) > before, from);
    await page.keyboard.press("0");
    await page.waitForFunction(() => Number(document.querySelector(".gantt").dataset.to) === 0.2);
    // The latest miss: lidar 14, released at 142 ms, done at 151.5 ms.
    assert.equal((await cells(page, "misses", "job"))[0], "14");
    await page.locator("#misses .tabulator-row").first().click();
    await page.waitForFunction(() => Number(document.querySelector(".gantt").dataset.to) < 0.19);
    const [begin, end] = await view(page);
    assert.ok(begin < 0.142 && begin > 0.139 && end > 0.1515 && end < 0.1545, `${begin} ${end}`);
    const box = await page.locator(".gantt canvas").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 55);
    assert.match(await page.locator(".tip").innerText(), /camera, job 4/);
  });
});

test("the timeline shows a preemption when decisions.csv has it", async () => {
  await open(["software"], async (_page, file) => {
    const { report, column } = dataOf(file);
    const { stretches } = report.runs[0].gantt;
    const [start, job, task] = [column(stretches.start), column(stretches.job), column(stretches.task)];
    const names = report.runs[0].summary.tasks.map(({ name }) => name);
    const shown = new Set([...start].map((time, i) => `${names[task[i]]} ${job[i]} ${time}`));
    const preemptions = csv("software/decisions.csv").filter((row) => row.preempt === "1");
    assert.equal(preemptions.length, report.runs[0].summary.scheduler.preemptions);
    for (const row of preemptions) assert.ok(shown.has(`${row.task} ${row.job} ${Number(row.instruction_s)}`), JSON.stringify(row));
  });
});

test("response times add up from their parts", async () => {
  await open(["layerwise"], async (_page, file) => {
    for (const job of dataOf(file).report.runs[0].jobs.missed) {
      const { waited, idle, scheduler, swap, compute, stall } = job.account;
      const sum = [...waited, idle, scheduler, swap, compute, stall].reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - (job.finish - job.release)) < 1e-11);
    }
  });
});

test("two runs stand side by side with their differences", async () => {
  await open(["layerwise", "software"], async (page) => {
    assert.equal(await page.locator(".gantt canvas").count(), 2);
    assert.equal(await page.locator("#bandwidth canvas").count(), 2);
    const heads = await page.locator("#overview .figures thead th").allInnerTexts();
    assert.deepEqual(heads, ["", "layerwise", "software"]);
    const missed = page.locator("#overview .figures tr", { hasText: "deadlines missed" }).nth(1);
    assert.match(await missed.innerText(), /6\s+0\s*−100 %/);
    assert.equal(await missed.locator(".better").count(), 1);
    const differences = await page.locator("#overview .differences tbody tr").allInnerTexts();
    assert.ok(differences.some((row) => /scheduler\.placement\s+hardware\s+software/.test(row)), differences.join("\n"));
    assert.ok((await page.locator("#responses .diff").count()) > 0);
    assert.ok((await page.locator("#jobs .tabulator-col", { hasText: "run" }).count()) > 0);
    // Timelines are zoomed together.
    await page.locator('#timeline button[title="zoom in"]').click();
    await page.waitForFunction(() => Number(document.querySelector(".gantt").dataset.to) < 0.19);
  });
});

test("memory: interference, parts of requests, stalls as reasons", async () => {
  await open(["hostile"], async (page) => {
    const heads = await page.locator("#interference .matrix thead th").allInnerTexts();
    assert.deepEqual(heads.slice(1), ["camera", "lidar", "hostile"]);
    assert.ok((await page.locator("#requests .bar").count()) >= 3);
    assert.match(await page.locator("#misses").innerText(), /memory stall/);
    const before = await page.locator("#interference .matrix").innerText();
    await page.locator("#interference select").selectOption("ddr");
    assert.notEqual(await page.locator("#interference .matrix").innerText(), before);
  });
});

test("what a run did not leave is told", async () => {
  rmSync(at("bare/stretches.csv"));
  rmSync(at("bare/decisions.csv"));
  await open(["bare"], async (page) => {
    assert.match(await page.locator("#bandwidth").innerText(), /run them with --bandwidth/);
    assert.match(await page.locator("#interference").innerText(), /memory\.fidelity=burst/);
    assert.match(await page.locator("#where").innerText(), /stretches\.csv/);
    assert.match(await page.locator("#decisions").innerText(), /decisions\.csv/);
    assert.match(await page.locator("#misses").innerText(), /No deadline was missed/);
  });
});

test("names are text, whatever they hold", async () => {
  const name = "</script><img src=x onerror=alert(1)>";
  writeFileSync(at("odd.yaml"), readFileSync(join(VESPER_SOURCE, `${kDemo}.yaml`), "utf8").replace(/^scenario:.*$/m, `scenario: "${name}"`).replaceAll("../", `${VESPER_SOURCE}/scenarios/`));
  vesper("run", at("odd.yaml"), "--until", "20 ms", "--out", at("odd"));
  await open(["odd"], async (page) => {
    assert.equal(await page.locator("h1").innerText(), name);
    assert.equal(await page.locator("img").count(), 0);
  });
});

test("a long run is binned, its worst jobs and the time asked for are exact", async () => {
  const { jobs, late } = writeLongRun(at("long"), 150_000);
  await open(["long"], async (page, file) => {
    assert.ok(statSync(file).size < 8e6, `${statSync(file).size} bytes`);
    assert.match(await page.locator("#timeline").innerText(), /of 150,000 jobs, detail is kept where/);
    assert.match(await page.locator("#misses").innerText(), new RegExp(`all ${late} misses`));
    assert.match(await page.locator("#jobs").innerText(), /2,000 of 150,000 jobs/);
    assert.ok((await pixels(page, ".gantt canvas", [0x00, 0x72, 0xb2])) > 2000);
    // The latest miss is exact.
    await page.locator("#misses .tabulator-row").first().click();
    await page.waitForFunction(() => Number(document.querySelector(".gantt").dataset.to) - Number(document.querySelector(".gantt").dataset.from) < 0.05);
    const box = await page.locator(".gantt canvas").boundingBox();
    await page.mouse.move(box.x + 116 + (box.width - 130) * 0.3, box.y + 58);
    assert.match(await page.locator(".tip").innerText(), /camera, job \d+/);
  });
  vesper("report", at("long"), "--from", "300 s", "--to", "301 s", "--out", at("part.html"));
  const { report, column } = dataOf(at("part.html"));
  const { gantt } = report.runs[0];
  assert.deepEqual(gantt.windows, [[300, 301]]);
  assert.equal(column(gantt.jobs.release).length, 201); // and the one released at its very end
  assert.equal(gantt.total_jobs, jobs);
});
