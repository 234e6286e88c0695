// Builds both modules and writes the page, one file with everything in it: node build.mjs [FILE]
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

const file = resolve(process.argv[2] ?? new URL("../../docs/live.html", import.meta.url).pathname);
process.chdir(new URL(".", import.meta.url).pathname);
const most = 60_000; // bytes of the page after gzip, without the data
const read = (path) => readFileSync(path, "utf8");

/** A module: the profile it is built with, and flags for the compiler. */
function build(profile, flags) {
  const directory = process.env.CARGO_TARGET_DIR ?? "target";
  execFileSync("cargo", ["build", "--locked", "--profile", profile, "--target", "wasm32-unknown-unknown"],
    { stdio: "inherit", env: { ...process.env, RUSTFLAGS: flags, CARGO_TARGET_DIR: directory } });
  const module = readFileSync(`${directory}/wasm32-unknown-unknown/${profile}/web.wasm`);
  // A path to a panic would import the panic handler's function, too.
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(module)).map(({ name }) => name);
  if (`${imports}` !== "exit") throw new Error(`the module imports ${imports}`);
  return module;
}

/** The data set as `Digits` in lib.rs has it: every fifth line is for testing, and there is room for 63 drawings. */
function digits() {
  const lines = read("../data/digits.csv").trim().split("\n").map((line) => line.split(",").map(Number));
  const part = (chosen, room) => [
    ...chosen.flatMap((line) => line.slice(0, 64)), ...Array(64 * room).fill(0),
    ...chosen.map((line) => line[64]), ...Array(room).fill(0),
  ];
  return Uint8Array.from([...part(lines.filter((_, i) => i % 5), 63), ...part(lines.filter((_, i) => i % 5 === 0), 0)]);
}

const pack = (bytes) => gzipSync(bytes, { level: 9 }).toString("base64");
const files = {
  simd: pack(build("release", "-Ctarget-feature=+simd128")),
  plain: pack(build("small", "")),
  version: read("../../Cargo.toml").match(/^version = "(.*)"/m)[1],
  hash: read("../firmware/bits.csv").match(/^u2,(.*)$/m)[1],
};

const page = (files) => Object.entries({
  '<link rel="stylesheet" href="page.css">': `<style>\n${read("page.css")}</style>`,
  '<script type="module" src="page.js"></script>': `<script type="module">\n${read("page.js")}</script>`,
  'id="files"></script>': `id="files">${JSON.stringify(files)}</script>`,
}).reduce((html, [place, content]) => {
  if (!html.includes(place)) throw new Error(`page.html has no ${place}`);
  return html.replace(place, () => content);
}, read("page.html"));

const size = gzipSync(page(files)).length;
if (size > most) throw new Error(`the page has ${size} bytes after gzip, without the data; ${most} at most`);
const html = page({ ...files, digits: pack(digits()) });
writeFileSync(file, html);
console.log(`${file}: ${html.length} bytes, ${gzipSync(html).length} after gzip, ${size} of them without the data`);
