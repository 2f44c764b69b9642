/// The script of flame graphs. Names come to it as text of the document and go back as text: textContent alone, never markup.
/// The frames as the document has them, in the order of a walk: a frame's inner ones follow it up to its end. And what is
/// shown of them, which the address keeps behind its #.
(() => {
"use strict";
const SVG = "http://www.w3.org/2000/svg", XHTML = "http://www.w3.org/1999/xhtml";
const root = document.documentElement, graph = document.getElementById("graph");
const rowHeight = 18;
const extent = (text) => {
  const [start, width] = text.split(" ").map(Number);
  return { start, width };
};
const frames = [], open = [];
for (const element of graph.children) {
  const depth = Number(element.dataset.d), index = frames.length;
  while (open.length > depth) frames[open.pop()].end = index;
  const lines = element.querySelector("title").textContent.split("\n");
  frames.push({ element, index, depth, lines, name: lines[0], label: element.querySelector("text"), end: 0,
    parent: depth > 0 ? open[depth - 1] : -1, isShown: true,
    head: extent(element.dataset.h), base: element.dataset.b ? extent(element.dataset.b) : null });
  open.push(index);
}
for (const index of open) frames[index].end = frames.length;
const byElement = new Map(frames.map((frame) => [frame.element, frame]));
const levels = frames.reduce((most, frame) => Math.max(most, frame.depth + 1), 1);
const isComparison = frames[0].base !== null;

const initial = { zoom: 0, search: "", view: root.dataset.view, widths: root.dataset.widths };
let state = { ...initial };
const hash = () => {
  const words = new URLSearchParams();
  for (const key of Object.keys(initial)) if (state[key] !== initial[key]) words.set(key, String(state[key]));
  return "#" + words.toString();
};
const stateOfHash = () => {
  const words = new URLSearchParams(location.hash.slice(1));
  const zoom = Number(words.get("zoom"));
  const widths = words.get("widths") ?? initial.widths, view = words.get("view") ?? initial.view;
  return {
    zoom: Number.isInteger(zoom) && zoom > 0 && zoom < frames.length ? zoom : 0,
    search: words.get("search") ?? "",
    view: view === "icicle" || view === "flame" ? view : initial.view,
    widths: isComparison && (widths === "base" || widths === "head") ? widths : initial.widths,
  };
};
// What is zoomed or turned is a step to go back from; each letter of a search is none.
const change = (changes, isStep = true) => {
  state = { ...state, ...changes };
  const words = hash();
  if (words !== (location.hash || "#")) {
    if (isStep) location.hash = words; else location.replace(words);
  }
  show();
};
const of = (frame) => state.widths === "base" ? frame.base : frame.head;
let letterWidth = 7.23;
const measureLetters = () => {
  const probe = document.createElementNS(SVG, "text");
  probe.textContent = "0".repeat(50);
  frames[0].element.append(probe);
  letterWidth = probe.getComputedTextLength() / 50 || letterWidth;
  probe.remove();
};
const setLabel = (frame, pixels) => {
  const room = Math.floor((pixels - 6) / letterWidth);
  if (room < 3) {
    if (frame.label) frame.label.textContent = "";
    return;
  }
  if (!frame.label) {
    frame.label = document.createElementNS(SVG, "text");
    frame.label.setAttribute("x", "3");
    frame.label.setAttribute("y", "13");
    frame.element.append(frame.label);
  }
  // By characters, not by halves of them.
  const letters = Array.from(frame.name);
  if (letters.length <= room) frame.label.textContent = frame.name;
  // A path tells by its end.
  else if (frame.name.startsWith("/")) frame.label.textContent = "…" + letters.slice(1 - room).join("");
  else frame.label.textContent = letters.slice(0, room - 1).join("") + "…";
};
const isAround = (outer, inner) => outer.index <= inner.index && inner.index < outer.end;
const draw = () => {
  let zoomed = frames[state.zoom];
  // A frame that this side has not is shown by the one around it.
  while (zoomed.index > 0 && of(zoomed).width === 0) zoomed = frames[zoomed.parent];
  const whole = of(zoomed), pixels = root.clientWidth * 0.98;
  for (const frame of frames) {
    const own = of(frame), isInside = isAround(zoomed, frame), isOuter = !isInside && isAround(frame, zoomed);
    frame.isShown = isOuter || frame === zoomed || (isInside && own.width > 0);
    frame.element.classList.toggle("gone", !frame.isShown);
    frame.element.classList.toggle("outer", isOuter);
    if (!frame.isShown) continue;
    const isWide = isOuter || frame === zoomed;
    const left = isWide ? 0 : (own.start - whole.start) / whole.width;
    const width = isWide ? 1 : own.width / whole.width;
    const row = state.view === "icicle" ? frame.depth : levels - 1 - frame.depth;
    frame.element.setAttribute("x", left * 100 + "%");
    frame.element.setAttribute("width", width * 100 + "%");
    frame.element.setAttribute("y", String(row * rowHeight));
    setLabel(frame, width * pixels);
  }
};

// The details stay at the lower edge of the window.
const element = (name, className) => {
  const made = document.createElementNS(XHTML, name);
  if (className) made.className = className;
  return made;
};
const box = (y, height) => {
  const made = document.createElementNS(SVG, "foreignObject");
  made.setAttribute("width", "100%");
  made.setAttribute("y", y);
  made.setAttribute("height", height);
  root.append(made);
  return made;
};
const detailsHeight = Number(root.dataset.details);
const detailsBox = box(0, detailsHeight), details = element("div", "details");
details.setAttribute("role", "status");
detailsBox.append(details);
const placeDetails = () => {
  const bottom = Math.min(window.scrollY + window.innerHeight, root.height.baseVal.value);
  detailsBox.setAttribute("y", String(Math.max(bottom - detailsHeight, 0)));
};
const say = (lines) => details.replaceChildren(...lines.map((line) => {
  const made = element("div");
  made.textContent = line;
  return made;
}));
let chosen = frames[0];
const choose = (frame) => {
  chosen.element.classList.remove("chosen");
  chosen.element.removeAttribute("tabindex");
  chosen = frame;
  frame.element.classList.add("chosen");
  frame.element.setAttribute("tabindex", "0");
  frame.element.setAttribute("role", "button");
  frame.element.setAttribute("aria-label", frame.lines.join(", "));
  say(frame.lines);
};
// Rounded down, so that nearly all is not all.
const percent = (part, whole) => (whole > 0 ? Math.floor(part * 1000 / whole) / 10 : 0).toFixed(1) + "%";
const amount = (number) => {
  const unit = root.dataset.unit;
  if (unit !== "ns") return number.toLocaleString("en-US") + " " + unit;
  const scale = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]].find(([size]) => number >= size);
  return scale ? (number / scale[0]).toPrecision(3) + " " + scale[1] : number + " ns";
};
const matcher = (words) => {
  // Small letters alone match large ones, too.
  const isExact = /[A-Z]/.test(words.replace(/\\./g, ""));
  try {
    const pattern = new RegExp(words, isExact ? "" : "i");
    return { isText: false, test: (name) => pattern.test(name) };
  } catch {
    return { isText: true, test: (name) => name.includes(words) };
  }
};
const search = () => {
  graph.classList.toggle("searching", state.search !== "");
  if (state.search === "") {
    for (const frame of frames) frame.element.classList.remove("match");
    found.textContent = "";
    return;
  }
  const matches = matcher(state.search);
  let count = 0, head = 0, base = 0, counted = 0;
  for (const frame of frames) {
    const isMatch = frame.index > 0 && matches.test(frame.name);
    frame.element.classList.toggle("match", isMatch);
    if (!isMatch) continue;
    count += 1;
    // What is inside of a match is a part of it already.
    if (frame.index < counted) continue;
    head += frame.head.width;
    base += frame.base ? frame.base.width : 0;
    counted = frame.end;
  }
  const whole = frames[0];
  let text = "Matched " + percent(head, whole.head.width) + " (" + amount(head) + ", " + count + " frames)";
  if (isComparison) {
    text = "Matched head " + percent(head, whole.head.width) + ", base " + percent(base, whole.base.width)
      + " (" + count + " frames)";
  }
  if (matches.isText) text += "; no regular expression, taken as text";
  if (Number(root.dataset.out) > 0) text += "; frames left out are not searched";
  found.textContent = text;
  found.title = text;
};
const tools = element("div", "tools"), found = element("div", "found"), field = element("input");
const button = (text, title, action) => {
  const made = element("button");
  made.textContent = text;
  made.title = title;
  made.addEventListener("click", action);
  tools.append(made);
  return made;
};
const reset = () => change({ zoom: 0, search: "" });
const flip = () => change({ view: state.view === "flame" ? "icicle" : "flame" });
const exchange = () => change({ widths: state.widths === "head" ? "base" : "head" });
button("Reset", "No zoom, no search (Escape)", reset).id = "reset";
button("Flip", "Root at the top or at the bottom (i)", flip).id = "flip";
const widths = isComparison ? button("", "Frames as wide as in head or in base (w)", exchange) : null;
if (widths) widths.id = "widths";
field.id = "search";
field.type = "search";
field.placeholder = "Search: regular expression (/)";
field.setAttribute("aria-label", "Search frames by a regular expression");
field.addEventListener("input", () => change({ search: field.value }, false));
tools.append(field);
found.id = "found";
found.setAttribute("role", "status");
const toolsBox = box(root.dataset.tools, 58), bar = element("div");
toolsBox.setAttribute("x", "1%");
toolsBox.setAttribute("width", "98%");
bar.append(tools, found);
toolsBox.append(bar);

let drawn = "";
const show = () => {
  if (field.value !== state.search) field.value = state.search;
  if (widths) widths.textContent = "Widths: " + state.widths;
  const now = JSON.stringify([state.zoom, state.view, state.widths, root.clientWidth]);
  if (now !== drawn) draw();
  drawn = now;
  search();
  placeDetails();
};
const focus = (frame) => {
  choose(frame);
  frame.element.focus();
};
// Letters are many, arrows too: the nearest shown frame in this direction.
const neighbour = (direction) => {
  for (let index = chosen.index + direction; index >= 0 && index < frames.length; index += direction) {
    if (frames[index].depth === chosen.depth && frames[index].isShown) return frames[index];
  }
  return null;
};
const inner = () => {
  for (let index = chosen.index + 1; index < chosen.end; index += 1) {
    if (frames[index].isShown) return frames[index];
  }
  return null;
};
const outer = () => chosen.parent >= 0 ? frames[chosen.parent] : null;
const zoomTo = (frame) => change({ zoom: frame.index });

const frameOf = (event) => byElement.get(event.target.closest?.("svg.f")) ?? null;
graph.addEventListener("pointerover", (event) => {
  const frame = frameOf(event);
  if (frame && event.pointerType !== "touch") choose(frame);
});
graph.addEventListener("focusin", (event) => {
  const frame = frameOf(event);
  if (frame && frame !== chosen) choose(frame);
});
graph.addEventListener("click", (event) => {
  const frame = frameOf(event);
  if (!frame) return;
  // A finger shows the details first, and zooms the second time.
  const isFirstTap = event.pointerType === "touch" && frame !== tapped;
  tapped = frame;
  if (isFirstTap) choose(frame);
  else zoomTo(frame);
});
let tapped = null;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target === field) {
    if (event.key === "Escape") change({ search: "" });
    if (event.key === "Escape" || event.key === "Enter") focus(frames[0]);
    else return;
    event.preventDefault();
    return;
  }
  const isButton = event.target.localName === "button";
  const [inward, outward] = state.view === "icicle" ? ["ArrowDown", "ArrowUp"] : ["ArrowUp", "ArrowDown"];
  let next;
  switch (event.key) {
  case "/": field.focus(); field.select(); break;
  case "i": flip(); break;
  case "w": if (isComparison) exchange(); break;
  case "Escape": reset(); break;
  case "Enter": if (isButton) return; zoomTo(chosen); break;
  case "ArrowLeft": next = neighbour(-1); break;
  case "ArrowRight": next = neighbour(1); break;
  case inward: next = inner(); break;
  case outward: next = outer(); break;
  default: return;
  }
  event.preventDefault();
  if (next) focus(next);
});
window.addEventListener("hashchange", () => {
  state = stateOfHash();
  show();
});
window.addEventListener("resize", show);
window.addEventListener("scroll", placeDetails, { passive: true });

measureLetters();
state = stateOfHash();
choose(frames[state.zoom]);
show();
})();
