// Small pictures of numbers, drawn with the platform's SVG.

import { h } from "../base/dom.js";
import { number, seconds, w } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const BARS = 40; // the last twenty seconds: a beat is half a second
const FEWEST = 20;
const BAR = 5;
const HEIGHT = 28;

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** Deltas by half seconds as bars, the latest at the right. */
export function drawBeats(beats) {
  const shown = beats.slice(-BARS);
  const most = Math.max(4, ...shown);
  const bars = shown.map((count, n) => {
    const height = count ? Math.max(2, (count / most) * HEIGHT) : 1;
    return svg("rect", { x: n * BAR, y: HEIGHT - height, width: BAR - 1.5, height, rx: 1, class: count ? "beat" : "beat beat-none" });
  });
  const peak = number(Math.max(0, ...shown) * 2);
  return svg("svg", { viewBox: `0 0 ${Math.max(FEWEST, shown.length) * BAR} ${HEIGHT}`, class: "beats", role: "img", preserveAspectRatio: "none", "aria-label": w("beatsLabel", { peak }) }, ...bars);
}

/** What is left of a rate limit: a dot for each request of the window. */
export function drawBudget({ remaining, limit, resets_s: resets }) {
  const label = w("budgetLabel", { remaining, limit, time: seconds(resets) });
  const holder = h("span", { class: `budget${remaining ? "" : " budget-none"}`, role: "img", "aria-label": label, title: label });
  if (limit > 10) holder.append(h("span", { class: "budget-text" }, `${remaining}/${limit}`));
  else for (let n = 0; n < limit; n += 1) holder.append(h("i", { class: n < remaining ? "pip" : "pip pip-used" }));
  return holder;
}
