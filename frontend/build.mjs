// Bundles src/ into dist/: app.js, app.css, pdf.css (what the server prints with), the fonts and pictures they name, and NOTICE.txt.
// Everything dist/ holds comes from here; Django serves the folder as it is.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, "dist");

// Licences of files that a package carries without naming them in its package.json.
const CARRIED = [
  {
    files: /kern-ux.*fira-sans/i,
    text: "Fira Sans (font files) – OFL-1.1\nDigitized data copyright (c) 2012-2015, The Mozilla Foundation and Telefonica S.A.",
  },
  {
    files: /kern-ux.*noto-sans/i,
    text: "Noto Sans (font files) – OFL-1.1\nCopyright The Noto Project Authors",
  },
];

async function bundle() {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [
      { in: "src/js/main.js", out: "app" },
      { in: "src/css/main.css", out: "app" },
      { in: "src/css/pdf.css", out: "pdf" },
    ],
    outdir: "dist",
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    sourcemap: false,
    legalComments: "none", // NOTICE.txt names them
    metafile: true,
    write: false, // a failed build leaves the last good one in place
    logLevel: "warning",
    assetNames: "assets/[name]-[hash]",
    loader: {
      ".woff2": "file",
      ".woff": "file",
      ".svg": "file",
      ".png": "file",
    },
  });
  return result;
}

async function writeOutputs(outputs) {
  await rm(dist, { recursive: true, force: true });
  for (const output of outputs) {
    await mkdir(path.dirname(output.path), { recursive: true });
    await writeFile(output.path, output.contents);
  }
}

/** The folders of the npm packages whose files went into an output, without repetition. */
function packageFolders(inputs) {
  const folders = inputs.map((file) => file.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]);
  return [...new Set(folders.filter(Boolean))].sort();
}

async function packageNotice(folder) {
  const about = JSON.parse(await readFile(path.join(root, folder, "package.json"), "utf8"));
  const names = await readdir(path.join(root, folder));
  const licenceFile = names.find((name) => /^licen[cs]e/i.test(name));
  const licence = licenceFile ? (await readFile(path.join(root, folder, licenceFile), "utf8")).trim() : "";
  return `${about.name} ${about.version} – ${about.license}\n\n${licence}`.trim();
}

async function writeNotice(metafile) {
  const outputs = Object.values(metafile.outputs);
  const inputs = [...new Set(outputs.flatMap((output) => Object.keys(output.inputs)))].sort();
  const packages = await Promise.all(packageFolders(inputs).map(packageNotice));
  const carried = CARRIED.filter(({ files }) => inputs.some((file) => files.test(file)));
  const parts = [
    "The files in this folder contain parts of the following works.",
    ...carried.map(({ text }) => text),
    ...packages,
  ];
  await writeFile(path.join(dist, "NOTICE.txt"), parts.join(`\n\n${"-".repeat(72)}\n\n`) + "\n");
}

try {
  const { metafile, outputFiles } = await bundle();
  await writeOutputs(outputFiles);
  await writeNotice(metafile);
} catch (error) {
  if (!error.errors) throw error;
  process.exitCode = 1; // esbuild has said what is wrong
}
