// Runs a WASI program, such as a test built for wasm32-wasip1, under Node.js: node .ci/wasi.mjs PROGRAM ARGUMENT…
// The program sees this repository's files, and returns its exit code.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const args = process.argv.slice(2);
const root = new URL("..", import.meta.url).pathname;
const wasi = new WASI({ version: "preview1", args, env: process.env, preopens: { [root]: root } });
const { instance } = await WebAssembly.instantiate(await readFile(args[0]), wasi.getImportObject());
process.exitCode = wasi.start(instance);
