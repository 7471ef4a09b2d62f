// Times in the reader's language, as Discord's <t:…> styles and as the message list shows them.

import { locale } from "./i18n.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [
  ["year", 31557600],
  ["month", 2629800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** @param {string} style one of Discord's t T d D f F s S R */
export function timestamp(date, style) {
  if (style === "R") return relative(date);
  return new Intl.DateTimeFormat(locale(), STYLES[style] ?? STYLES.f).format(date);
}

export function dateTime(date) {
  return timestamp(date, "F");
}

/** Time of day for today, the date too for other days. */
export function shortTime(date, now = new Date()) {
  if (date.toDateString() === now.toDateString()) return timestamp(date, "t");
  return new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeStyle: "short" }).format(date);
}

export function dayName(date) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(date);
}

/** Tell relative timestamps that stand on the page anew: called on a timer. */
export function refreshRelative(root) {
  for (const element of root.querySelectorAll("time[data-style=R]")) element.textContent = relative(new Date(element.dateTime));
}

function relative(date) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.round(seconds / length), unit);
}
