// Opens the page in headless Chromium, and does there what a visitor does: node test.mjs PAGE [FOLDER FOR SCREENSHOTS]
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [file, folder] = [resolve(process.argv[2]), process.argv[3]];
/** The hash that all machines of the firmware's report have. */
const hash = readFileSync(new URL("../firmware/bits.csv", import.meta.url), "utf8").match(/^u2,(.*)$/m)[1];

// --- the browser, by the DevTools protocol: JSON with a zero byte after each message ---

const profile = mkdtempSync(join(tmpdir(), "chromium-"));
const browser = spawn("chromium-headless-shell",
  ["--remote-debugging-pipe", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", `--user-data-dir=${profile}`],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
browser.on("error", (error) => { throw error; });
const waiting = new Map();
let heard = () => {};
let rest = "";
browser.stdio[4].setEncoding("utf8").on("data", (text) => {
  const messages = (rest + text).split("\0");
  rest = messages.pop();
  for (const message of messages.map(JSON.parse)) {
    if (message.id) waiting.get(message.id)(message);
    else heard(message);
  }
});

let sent = 0;
function send(method, params = {}, sessionId) {
  sent += 1;
  browser.stdio[3].write(`${JSON.stringify({ id: sent, method, params, sessionId })}\0`);
  return new Promise((done, failed) => waiting.set(sent, ({ result, error }) =>
    error ? failed(new Error(`${method}: ${error.message}`)) : done(result)));
}

/** A page that counts what it must not do. */
async function open(url, { width, height, dark = false, touch = false }) {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const tab = (method, params) => send(method, params, sessionId);
  const faults = [];
  heard = ({ method, params }) => {
    if (method === "Runtime.exceptionThrown") faults.push(params.exceptionDetails.exception?.description);
    if (method === "Runtime.consoleAPICalled" && params.type !== "log") faults.push(JSON.stringify(params.args));
    if (method === "Log.entryAdded") faults.push(params.entry.text);
    if (method === "Network.requestWillBeSent" && params.request.url !== url && !params.request.url.startsWith("data:")) {
      faults.push(`a request of ${params.request.url}`);
    }
  };
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await tab(`${domain}.enable`);
  await tab("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: touch });
  await tab("Emulation.setTouchEmulationEnabled", { enabled: touch });
  await tab("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
  await tab("Page.navigate", { url });
  return { tab, touch, faults, close: () => send("Target.closeTarget", { targetId }) };
}

async function value({ tab }, expression) {
  const { result, exceptionDetails } = await tab("Runtime.evaluate", { expression, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
  return result.value;
}

async function until(page, expression, seconds = 60) {
  for (const end = Date.now() + 1000 * seconds; !(await value(page, expression)); ) {
    assert(Date.now() < end, `not within ${seconds} seconds: ${expression}; ${page.faults}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const text = (page, id) => value(page, `document.getElementById("${id}").textContent`);
const click = (page, selector) => value(page, `document.querySelector('${selector}').click()`);

/** Draws strokes with the mouse, or with a finger. */
async function draw(page, strokes) {
  await click(page, "#clear");
  await value(page, `document.getElementById("paper").scrollIntoView({ block: "center" })`);
  const { x, y, width } = await value(page, `document.getElementById("paper").getBoundingClientRect().toJSON()`);
  for (const stroke of strokes) {
    const places = stroke.map(([across, down]) => ({ x: x + across * width, y: y + down * width }));
    for (const [i, place] of [...places, places.at(-1)].entries()) {
      const phase = i === 0 ? 0 : i < places.length ? 1 : 2;
      if (page.touch) {
        const touchPoints = phase === 2 ? [] : [place];
        await page.tab("Input.dispatchTouchEvent", { type: ["touchStart", "touchMove", "touchEnd"][phase], touchPoints });
      } else {
        const type = ["mousePressed", "mouseMoved", "mouseReleased"][phase];
        await page.tab("Input.dispatchMouseEvent", { type, ...place, button: "left", buttons: phase === 2 ? 0 : 1, clickCount: 1 });
      }
    }
  }
}

// --- digits as people draw them ---

/** A part of an ellipse, in degrees. */
function arc(x, y, width, height, from, to) {
  return [...Array(21).keys()].map((i) => {
    const angle = ((from + ((to - from) * i) / 20) * Math.PI) / 180;
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
}

const DIGITS = [
  [arc(0.5, 0.5, 0.24, 0.34, -80, 280)],
  [[[0.38, 0.3], [0.53, 0.15], [0.52, 0.85]]],
  [[...arc(0.5, 0.34, 0.2, 0.19, -170, 50), [0.3, 0.84], [0.72, 0.85]]],
  [[...arc(0.47, 0.32, 0.19, 0.17, -150, 80), ...arc(0.48, 0.67, 0.22, 0.19, -80, 150)]],
  [[[0.44, 0.15], [0.27, 0.58], [0.76, 0.58]], [[0.6, 0.35], [0.58, 0.88]]],
  [[[0.7, 0.15], [0.36, 0.16], [0.33, 0.46], ...arc(0.48, 0.64, 0.22, 0.21, -120, 140)]],
  [[[0.6, 0.14], [0.38, 0.42], ...arc(0.5, 0.66, 0.19, 0.19, -180, 180)]],
  [[[0.28, 0.17], [0.72, 0.16], [0.45, 0.86]], [[0.36, 0.5], [0.7, 0.49]]],
  [[...arc(0.5, 0.33, 0.17, 0.17, 90, -270), ...arc(0.5, 0.68, 0.2, 0.18, -90, 270)]],
  [[...arc(0.49, 0.34, 0.19, 0.19, 0, -360), [0.67, 0.6], [0.62, 0.87]]],
];
/** A one with a foot, which the net seldom reads. */
const FOOT = [[[0.36, 0.3], [0.52, 0.15], [0.52, 0.85]], [[0.35, 0.85], [0.68, 0.85]]];

// --- what a visitor does ---

async function visit(name, url, options) {
  const page = await open(url, options);
  await until(page, `document.getElementById("paper") !== null && document.getElementById("trouble") === null`);
  const accuracy = async () => parseFloat(await text(page, "accuracy"));
  assert((await accuracy()) < 50, "a net that has not learned");

  const hashes = await value(page, `[...document.querySelectorAll("#hashes div")].map((row) => row.className + " " + row.innerText)`);
  assert.deepEqual(hashes, ["expected Cortex-M4F", ...(options.simd ? ["equal This browser, SIMD"] : []), "equal This browser, without SIMD"]
    .map((row) => `${row}\n${hash}`));
  assert.match(await text(page, "simd"), options.simd ? /4 lanes/ : /no SIMD/);

  // At a speed that one can watch, then at full speed.
  const weights = () => value(page, `document.getElementById("weights").toDataURL()`);
  const first = await weights();
  await click(page, "#train");
  await until(page, `Number(document.getElementById("epoch").textContent) >= 3`);
  await value(page, `document.getElementById("speed").value = "0"`);
  await until(page, `parseFloat(document.getElementById("accuracy").textContent) >= 95`);
  await until(page, `document.getElementById("train").textContent === "Train"`);
  const before = await accuracy();
  assert(before >= 94, `${before} % after 100 epochs`);
  assert.match(await text(page, "rate"), /,000 samples\/s/);
  assert.notEqual(await weights(), first);
  const points = await value(page, `[...document.querySelectorAll(".chart path")].map((path) => path.getAttribute("d").split("L").length)`);
  assert.deepEqual(points, [101, 101, 101, 101]); // before training, and after each epoch
  assert.equal(await value(page, `[...document.querySelectorAll("#confusion td")].reduce((sum, cell) => sum + Number(cell.textContent), 0)`), 360);

  const answers = [];
  for (const digit of DIGITS) {
    await draw(page, digit);
    answers.push(await text(page, "answer"));
  }
  console.log(`${name}: test accuracy ${before} %, the digits 0 to 9 are read as ${answers.join(" ")}, ${await text(page, "rate")}`);
  assert(answers[0] === "0" && answers[1] === "1");
  assert(answers.filter((answer, digit) => answer === String(digit)).length >= 9);

  await draw(page, FOOT);
  const untaught = await text(page, "answer");
  await click(page, "#labels button:nth-of-type(2)");
  assert.equal(await text(page, "answer"), "1");
  console.log(`${name}: a 1 with a foot, read as ${untaught}. ${await text(page, "lesson")}`);
  assert((await accuracy()) >= before - 2, "it has forgotten the others");

  // Nothing is wider than the window.
  assert(await value(page, "document.documentElement.scrollWidth <= innerWidth"));
  if (folder) {
    await draw(page, DIGITS[3]);
    const { data } = await page.tab("Page.captureScreenshot", { captureBeyondViewport: true });
    writeFileSync(join(folder, `${name}.png`), Buffer.from(data, "base64"));
  }
  assert.deepEqual(page.faults, []);
  await page.close();
}

const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(readFileSync(file))).listen(0, "127.0.0.1");
try {
  const local = pathToFileURL(file).href;
  await visit("live", local, { width: 1280, height: 900, simd: true });
  await visit("phone", `${local}?simd=0`, { width: 390, height: 844, touch: true });
  await visit("dark", `http://127.0.0.1:${server.address().port}/`, { width: 1280, height: 900, dark: true, simd: true });
} finally {
  server.close();
  const closed = new Promise((done) => browser.on("exit", done));
  await send("Browser.close");
  await closed;
  rmSync(profile, { recursive: true, force: true });
}
