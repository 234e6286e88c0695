// Runs a program that was built for WebAssembly: node wasm.mjs IMAGE. Its exit status is that of the program.
import { readFileSync, writeSync } from "node:fs";

class Exit extends Error {
  constructor(status) {
    super();
    this.status = status;
  }
}

const env = {
  write: (start, length) => {
    const bytes = new Uint8Array(instance.exports.memory.buffer, start, length);
    writeSync(1, bytes);
  },
  exit: (status) => {
    throw new Exit(status);
  },
};
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), { env });
try {
  instance.exports.main();
} catch (error) {
  if (!(error instanceof Exit)) throw error;
  process.exitCode = error.status;
}
