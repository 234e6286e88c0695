// The net learns between frames; what is drawn and what is learnt is shown after each.
const $ = (id) => document.getElementById(id);
const files = JSON.parse($("files").textContent);

// --- the module ---

/** What the builder has packed: gzip in base64. */
async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function instantiate(bytes) {
  const exit = () => { throw new Error("the module has given up"); };
  return (await WebAssembly.instantiate(bytes, { env: { exit } })).instance.exports;
}

const [simd, plain, digits] = await Promise.all([files.simd, files.plain, files.digits].map(unpack));
const wide = WebAssembly.validate(simd) && new URLSearchParams(location.search).get("simd") !== "0";
const bytes = wide ? simd : plain;
const net = await instantiate(bytes);
const page = net.begin();
const view = (Type, place, length) => new Type(net.memory.buffer, place, length);
view(Uint8Array, net.digits(page), digits.length).set(digits);

// --- colours ---

/** The red, green and blue of a custom property. */
function colour(name) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** Draws pixels, which are functions of their place: a colour, and its share from 0 to 1. */
function paint(canvas, pixel) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      const [rgb, share] = pixel(x, y);
      image.data.set([...rgb, 255 * share], 4 * (y * canvas.width + x));
    }
  }
  context.putImageData(image, 0, 0);
}

// --- the drawing ---

const MOST_POINTS = 1024; // the module has room for
const advice = $("lesson").textContent;
let points = []; // with a pair of NaN between strokes

function drawn() {
  return points.length > 0;
}

function showDrawing() {
  const canvas = $("paper");
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineWidth = canvas.width / 14;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = `rgb(${colour("--ink")})`;
  context.beginPath();
  points.forEach(([x, y], i) => {
    if (Number.isNaN(x)) return;
    const place = [x * canvas.width, y * canvas.height];
    if (i === 0 || Number.isNaN(points[i - 1][0])) context.moveTo(...place);
    context.lineTo(...place);
  });
  context.stroke();
  $("hint").hidden = drawn();
  $("labels").disabled = !drawn();

  view(Float32Array, net.points(page), 2 * points.length).set(points.flat());
  const pixels = view(Uint8Array, net.draw(page, points.length), 64);
  const ink = colour("--ink");
  paint($("pixels"), (x, y) => [ink, pixels[8 * y + x] / 16]);
  read();
}

function read() {
  const logits = [...view(Float32Array, net.read(page), 10)];
  const best = Math.max(...logits);
  const powers = logits.map((y) => Math.exp(y - best));
  const sum = powers.reduce((a, b) => a + b);
  [...$("bars").children].forEach((bar, digit) => {
    const p = drawn() ? powers[digit] / sum : 0;
    bar.style.setProperty("--p", p);
    bar.className = drawn() && logits[digit] === best ? "most" : "";
    bar.title = `${digit}: ${(100 * p).toFixed(1)} %`;
  });
  const answer = drawn() ? String(logits.indexOf(best)) : "–";
  if ($("answer").textContent !== answer) $("answer").textContent = answer;
}

function addPoints(event) {
  const { left, top, width, height } = $("paper").getBoundingClientRect();
  // Those between two frames, of which a press has none.
  const between = event.getCoalescedEvents?.() ?? [];
  for (const { clientX, clientY } of between.length ? between : [event]) {
    const point = [(clientX - left) / width, (clientY - top) / height];
    const last = points.at(-1) ?? [NaN, NaN];
    const near = Math.hypot(point[0] - last[0], point[1] - last[1]) < 0.01;
    if (!near && points.length < MOST_POINTS) points.push(point);
  }
  showDrawing();
}

$("paper").addEventListener("pointerdown", (event) => {
  event.preventDefault();
  $("paper").setPointerCapture(event.pointerId);
  if (drawn() && points.length < MOST_POINTS) points.push([NaN, NaN]);
  addPoints(event);
});
$("paper").addEventListener("pointermove", (event) => {
  if ($("paper").hasPointerCapture(event.pointerId)) addPoints(event);
});
$("clear").addEventListener("click", () => {
  points = [];
  $("lesson").textContent = advice;
  showDrawing();
});

// --- training ---

const RUN = 100; // epochs until training pauses
let epochs = []; // losses and accuracies before training, then after each epoch
let until = 0; // the epoch in which training pauses
let frame = 0;
let taught = 0;
let rate = { samples: 0, time: 0 };

function evaluate() {
  const [trainLoss, testLoss, trainAccuracy, testAccuracy] = view(Float32Array, net.evaluate(page), 4);
  return { loss: [trainLoss, testLoss], accuracy: [trainAccuracy, testAccuracy] };
}

function train() {
  const begin = performance.now();
  const steps = Number($("speed").value);
  do {
    const start = performance.now();
    const ended = net.train(page, steps || 45);
    rate.time += performance.now() - start;
    if (ended < 0) throw new Error("training has failed");
    if (!ended) continue;
    rate.samples += 1437 + Math.min(taught, 63);
    epochs.push(evaluate());
  } while (!steps && epochs.length < until && performance.now() - begin < 8);
  show();
  frame = epochs.length < until ? requestAnimationFrame(train) : 0;
  showButton();
}

function pause() {
  cancelAnimationFrame(frame);
  frame = 0;
  showButton();
}

function restart(seed) {
  pause();
  net.restart(page, seed);
  epochs = [evaluate()];
  taught = 0;
  show();
}

$("train").addEventListener("click", () => {
  if (frame) return pause();
  until = epochs.length + RUN;
  frame = requestAnimationFrame(train);
  showButton();
});
$("restart").addEventListener("click", () => restart(Math.random() * 2 ** 32));

function teach(digit) {
  const before = evaluate().accuracy[1];
  const start = performance.now();
  const steps = net.teach(page, digit);
  const time = performance.now() - start;
  if (steps < 0) throw new Error("training has failed");
  taught += 1;
  epochs[epochs.length - 1] = evaluate();
  show();
  const percents = [before, epochs.at(-1).accuracy[1]].map(percent).join(" → ");
  $("lesson").textContent = steps === 0
    ? `It knows this ${digit} already. It keeps the drawing, and trains on it from now on.`
    : `Learned this ${digit} in ${steps} steps, ${time.toFixed(1)} ms. Test accuracy ${percents}.`;
}

// --- what is shown of the net ---

const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;

function showButton() {
  $("train").textContent = frame ? "Pause" : "Train";
}

function curve(svg, values, top) {
  const width = Math.max(values.length - 1, 20);
  ["train", "test"].forEach((name, set) => {
    const places = values.map((value, i) => `${(100 * i) / width} ${100 - 100 * Math.min(value[set] / top, 1)}`);
    svg.querySelector(`.${name}`).setAttribute("d", `M${places.join("L")}`);
  });
}

function show() {
  const last = epochs.at(-1);
  $("epoch").textContent = epochs.length - 1;
  $("accuracy").textContent = percent(last.accuracy[1]);
  $("loss").textContent = last.loss[1].toFixed(3);
  curve($("accuracies"), epochs.map(({ accuracy }) => accuracy), 1);
  curve($("losses"), epochs.map(({ loss }) => loss), 2.5);

  const weights = view(Float32Array, net.weights(page), 64 * 32);
  const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  const [plus, minus] = [colour("--plus"), colour("--minus")];
  // Tiles of 8×8 pixels, with one between them.
  paint($("weights"), (x, y) => {
    if (x % 9 === 8 || y % 9 === 8) return [plus, 0];
    const neuron = 8 * Math.floor(y / 9) + Math.floor(x / 9);
    const w = weights[32 * (8 * (y % 9) + (x % 9)) + neuron];
    return [w > 0 ? plus : minus, 0.06 + 0.94 * Math.abs(w / largest)];
  });

  const counts = view(BigUint64Array, net.confusions(page), 100);
  document.querySelectorAll("#confusion td").forEach((cell, i) => {
    const count = Number(counts[i]);
    cell.textContent = count || "";
    cell.style.setProperty("--share", 0.75 * Math.min(count / 40, 1) ** 0.5);
  });
  if (rate.time > 50) {
    $("rate").textContent = `${Math.round(rate.samples / rate.time).toLocaleString("en")},000 samples/s`;
    rate = { samples: 0, time: 0 };
  }
  read();
}

/** An element with attributes and children. */
function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

const ten = [...Array(10).keys()];
$("bars").append(...ten.map((digit) => element("li", {}, element("i"), String(digit))));
$("labels").append(...ten.map((digit) =>
  element("button", { type: "button", ariaLabel: `Teach it: this is a ${digit}`, onclick: () => teach(digit) }, String(digit))));
document.querySelector("#confusion table").append(
  element("tr", {}, element("th"), ...ten.map((digit) => element("th", { scope: "col" }, String(digit)))),
  ...ten.map((row) => element("tr", {}, element("th", { scope: "row" }, String(row)),
    ...ten.map((column) => element("td", { className: row === column ? "right" : "" })))));

// --- the hash, and figures that stay ---

function addHash(name, hash, className) {
  $("hashes").append(element("div", { className }, element("dt", {}, name), element("dd", {}, hash)));
}

function addOwnHash(name, exports) {
  const hash = (exports.hash() >>> 0).toString(16).padStart(8, "0");
  addHash(name, hash, hash === files.hash ? "equal" : "different");
}

addHash("Cortex-M4F", files.hash, "expected");
if (wide) addOwnHash("This browser, SIMD", net);
addOwnHash("This browser, without SIMD", wide ? await instantiate(plain) : net);

$("version").textContent = files.version;
$("module").textContent = `${(bytes.length / 1000).toFixed(1)} KB`;
$("bytes").textContent = `${net.bytes().toLocaleString("en")} bytes`;
$("simd").textContent = net.lanes() > 1 ? `SIMD, ${net.lanes()} lanes` : "no SIMD";

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  showDrawing();
  show();
});
restart(1);
showDrawing();
$("trouble").remove();
