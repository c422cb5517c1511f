// Bundles the report's page into one HTML file: node build.mjs OUTPUT, with the packages in NODE_PATH.
import { readFileSync, readdirSync, existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = process.env.NODE_PATH;
const [output] = process.argv.slice(2);
const esbuild = await import(pathToFileURL(join(packages, "esbuild/lib/main.js")).href);

const result = await esbuild.build({
  entryPoints: [join(here, "src/main.ts")],
  nodePaths: [packages],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: "/out",
  target: ["es2020"],
  charset: "utf8",
  legalComments: "none",
  absWorkingDir: here,
});

/** The licence texts of every package that has a part in the bundle. */
function licences() {
  const names = new Set();
  for (const input of Object.keys(result.metafile.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) names.add(found[1]);
  }
  return [...names].sort().map((name) => {
    const folder = join(packages, name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file || !existsSync(join(folder, file))) throw new Error(`${name} brings no licence text`);
    return { name, version: about.version, licence: about.license, text: readFileSync(join(folder, file), "utf8").trim() };
  });
}

const text = (suffix) => result.outputFiles.find((file) => file.path.endsWith(suffix)).text;
const inScript = (code) => code.replaceAll("</script", "<\\/script");
const script = `window.vesperLicences=${JSON.stringify(licences()).replaceAll("<", "\\u003c")};\n${text(".js")}`;
const page = readFileSync(join(here, "page.html"), "utf8")
  .replace("@style@", () => text(".css"))
  .replace("@script@", () => inScript(script));
writeFileSync(output, page);
