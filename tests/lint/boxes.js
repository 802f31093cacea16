// Measures the figures of a page as the browser has laid them out. KINDS: per figure, the role and reference of each
// shape and text in the order of the document. The findings are written into <pre id="found">.
const SLACK = 0.6;
const canvas = document.createElement("canvas").getContext("2d");

function ink(text, family) {
  const size = parseFloat(text.getAttribute("font-size"));
  canvas.font = `${text.getAttribute("font-weight") || 400} ${size}px ${family}`;
  const measured = canvas.measureText(text.textContent);
  const box = text.getBBox();
  const y = parseFloat(text.getAttribute("y"));
  return {
    natural: measured.width,
    left: box.x, right: box.x + box.width,
    top: y - measured.actualBoundingBoxAscent, bottom: y + measured.actualBoundingBoxDescent,
  };
}

const meets = (a, b) => a.left < b.right - SLACK && b.left < a.right - SLACK
  && a.top < b.bottom - SLACK && b.top < a.bottom - SLACK;
const holds = (a, b) => a.left <= b.left + SLACK && a.top <= b.top + SLACK
  && a.right >= b.right - SLACK && a.bottom >= b.bottom - SLACK;

function extent(shape) {
  const box = shape.getBBox();
  return {left: box.x, right: box.x + box.width, top: box.y, bottom: box.y + box.height};
}

function inFill(svg, shape, x, y) {
  const point = svg.createSVGPoint();
  point.x = x;
  point.y = y;
  return shape.isPointInFill(point);
}

function luminance(color) {
  const part = color.match(/[\d.]+/g).slice(0, 3).map(Number).map(byte => byte / 255)
    .map(share => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
}

function contrast(first, second) {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function figure(svg, kinds, family) {
  const found = [];
  const say = (slug, text, other) => found.push([slug, svg.dataset.name, text, other || ""]);
  const elements = [...svg.querySelectorAll("path, rect, circle, text, image")].slice(1);
  if (elements.length !== kinds.length) say("order", `${elements.length} elements`, `${kinds.length} items`);
  const items = elements.map((element, at) => ({element, role: kinds[at][0], ref: kinds[at][1], at}));
  const page = {left: 0, top: 0, right: svg.viewBox.baseVal.width, bottom: svg.viewBox.baseVal.height};
  const texts = items.filter(item => item.element.tagName === "text" && item.element.textContent.trim())
    .map(item => ({...item, words: item.element.textContent, box: ink(item.element, family)}));
  const shapes = items.filter(item => item.element.tagName !== "text")
    .map(item => ({...item, box: extent(item.element), fill: getComputedStyle(item.element).fill}));
  const cards = shapes.filter(item => item.role === "card" || item.role === "header");
  const homes = shapes.filter(item => item.role === "card" || item.role === "cluster");
  const faces = shapes.filter(item => ["face", "band"].includes(item.role));
  const chips = shapes.filter(item => ["chip", "badge", "pill"].includes(item.role));
  const lines = shapes.filter(item => ["edge", "skip"].includes(item.role));
  texts.forEach((text, at) => {
    if (!holds(page, text.box)) say("outside-page", text.words);
    for (const other of texts.slice(at + 1)) {
      if (meets(text.box, other.box)) say("text-overlap", text.words, other.words);
    }
    const free = ["shape", "letter"].includes(text.role);
    for (const card of cards) {
      if (free && meets(text.box, card.box)) say("text-on-card", text.words, card.ref);
    }
    const own = free ? [] : homes.filter(home => home.ref === text.ref);
    if (own.length && !own.some(home => holds(home.box, text.box))) say("outside-card", text.words);
    const middle = [(text.box.left + text.box.right) / 2, (text.box.top + text.box.bottom) / 2];
    for (const chip of chips) {
      if (chip.box.left < middle[0] && middle[0] < chip.box.right && chip.box.top < middle[1]
        && middle[1] < chip.box.bottom && !holds(chip.box, text.box)) say("outside-chip", text.words);
    }
    for (const face of faces) {
      if (!meets(text.box, face.box)) continue;
      const {left, right, top, bottom} = text.box;
      for (const x of [left + 1, middle[0], right - 1]) {
        for (const y of [top + 1, middle[1], bottom - 1]) {
          if (inFill(svg, face.element, x, y)) {
            say("text-on-face", text.words, face.ref);
            return;
          }
        }
      }
    }
    // What is painted under the middle of the text: the last shape before it that covers the place.
    const under = shapes.filter(item => item.at < text.at && item.fill !== "none" && item.box.left <= middle[0]
      && item.box.right >= middle[0] && item.box.top <= middle[1] && item.box.bottom >= middle[1]
      && inFill(svg, item.element, ...middle)).at(-1);
    const ground = under ? under.fill : getComputedStyle(svg.querySelector("rect")).fill;
    const ratio = contrast(getComputedStyle(text.element).fill, ground);
    if (ratio < 4.5) say("contrast", text.words, ratio.toFixed(2));
  });
  for (const line of lines) {
    const near = texts.filter(text => meets(text.box, {
      left: line.box.left - 1, right: line.box.right + 1, top: line.box.top - 1, bottom: line.box.bottom + 1,
    }));
    const length = near.length ? line.element.getTotalLength() : 0;
    for (let at = 0; at < length; at += 1.5) {
      const {x, y} = line.element.getPointAtLength(at);
      for (const {box, words} of near) {
        if (x > box.left + SLACK && x < box.right - SLACK && y > box.top + SLACK && y < box.bottom - SLACK) {
          say("text-on-line", words, line.ref);
          at = length;
        }
      }
    }
  }
  const widths = texts.map(({words, box, element}) => ({
    words, natural: box.natural, drawn: box.right - box.left,
    measured: parseFloat(element.getAttribute("textLength") || "0"),
  }));
  return {found, widths};
}

async function measure() {
  const result = {};
  for (const family of ["Inter", FALLBACK]) {
    document.documentElement.style.setProperty("--family", family);
    for (const weight of [400, 500, 600]) await document.fonts.load(`${weight} 12px ${family}`);
    const all = [...document.querySelectorAll("svg[data-name]")].map((svg, at) => figure(svg, KINDS[at], family));
    result[family] = {
      loaded: document.fonts.check(`12px ${family}`),
      found: all.flatMap(one => one.found),
      widths: all.flatMap(one => one.widths),
    };
  }
  document.getElementById("found").textContent = JSON.stringify(result);
}

addEventListener("load", () => measure().catch(error => {
  document.getElementById("found").textContent = JSON.stringify({error: String(error.stack)});
}));
