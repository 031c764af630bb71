// Builds the bundle: frontend/*.{css,js} → volunteer/static/dist/, with just the icons and utilities that pages name.
// Usage: node frontend/build.mjs [--watch]
import * as esbuild from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = process.env.FRONTEND_DIST ?? join(root, "volunteer/static/dist");
const ENTRIES = ["app.css", "map.css", "app.js", "map.js", "board.js", "overview.js", "visit.js", "exif.js", "scan.js", "verify.js", "till.js", "sw.js"];

const NAMED = [
  /\bicon\(\s*["']([a-z][a-z0-9-]+)["']/g,
  /\bicon(?:_name)?["']?\s*[=:]\s*["']([a-z][a-z0-9-]+)["']/g,
  /\bicon\([^()]*?["']([a-z][a-z0-9-]+)["'] (?:if|else)/g,
];

async function filesUnder(folder, ending) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile() && e.name.endsWith(ending)).map((e) => join(e.parentPath ?? e.path, e.name));
}

/** Every icon named in a template, in the programme, or in icons.txt (those that live in data or in a table of a macro). */
async function iconNames() {
  const listed = (await readFile(join(root, "frontend/icons.txt"), "utf8")).split("\n").filter((line) => line && !line.startsWith("#"));
  const names = new Set(listed);
  const known = new Set((await readdir(join(root, "node_modules/lucide-static/icons"))).map((file) => file.replace(/\.svg$/, "")));
  const sources = [...(await filesUnder(join(root, "templates"), ".html")), ...(await filesUnder(join(root, "volunteer"), ".py"))];
  for (const path of sources) {
    const text = await readFile(path, "utf8");
    if (path.endsWith(".html")) for (const [, word] of text.matchAll(/["']([a-z][a-z0-9-]+)["']/g)) if (known.has(word)) names.add(word);
    for (const pattern of NAMED) for (const match of text.matchAll(pattern)) names.add(match[1]);
  }
  return [...names].sort();
}

async function writeSprite() {
  const icons = join(root, "node_modules/lucide-static/icons");
  const symbols = [];
  for (const name of await iconNames()) {
    const svg = await readFile(join(icons, `${name}.svg`), "utf8").catch(() => {
      console.warn(`no icon is called "${name}"`);
      return null;
    });
    if (!svg) continue;
    const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s+/g, " ").trim();
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`);
  }
  await writeFile(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

/** Bootstrap's grid and utilities, less the classes that no template and no script names: a phone's first visit is short. */
const onlyUsed = {
  name: "only-used",
  setup(build) {
    build.onLoad({ filter: /bootstrap-(grid|utilities)\.css$/ }, async ({ path }) => {
      const pages = [...(await filesUnder(join(root, "templates"), ".html")), ...(await filesUnder(join(root, "frontend"), ".js"))];
      const words = new Set();
      for (const page of pages) for (const [word] of (await readFile(page, "utf8")).matchAll(/[\w-]+/g)) words.add(word);
      const used = (selector) => (selector.match(/\.([\w-]+)/g) ?? []).every((one) => words.has(one.slice(1)));
      const text = (await readFile(path, "utf8")).replace(/\/\*[\s\S]*?\*\//g, "");
      const kept = text.replace(/([^{}@;]+)\{[^{}]*\}/g, (rule, selectors) => (selectors.split(",").some(used) ? rule : ""));
      return { contents: kept.replace(/@media[^{}]+\{\s*\}/g, ""), loader: "css" };
    });
  },
};

const options = {
  entryPoints: ENTRIES.map((name) => join(root, "frontend", name)),
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2020", "chrome87", "safari15", "firefox78"],
  loader: { ".png": "dataurl", ".svg": "dataurl" },
  logLevel: "warning",
  plugins: [onlyUsed],
  nodePaths: [join(root, "node_modules")],
};

/** The page that checks certificates offline: script and style inside one file. The programme adds keys and policy. */
async function writeOffline() {
  const entries = ["offline.js", "offline/style.css"].map((name) => join(root, "frontend", name));
  const built = await esbuild.build({ ...options, entryPoints: entries, format: "iife", write: false, plugins: [] });
  const text = (ending) => built.outputFiles.find((file) => file.path.endsWith(ending)).text.trim().replace(/<\/(script|style)/gi, "<\\/$1");
  const page = await readFile(join(root, "frontend/offline/page.html"), "utf8");
  await writeFile(join(dist, "offline.html"), page.replace("/*style*/", () => text(".css")).replace("/*script*/", () => text(".js")));
}

await mkdir(dist, { recursive: true });
await writeFile(join(dist, "seal.svg"), await readFile(join(root, "frontend/seal.svg")));
await writeSprite();
await writeOffline();
if (process.argv.includes("--watch")) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
