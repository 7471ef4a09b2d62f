// The words of the panel behind the bot, in the page's language.

import { locale } from "../base/i18n.js";
import { EN } from "../words/panel-en.js";
import { ZH } from "../words/panel-zh.js";

/** The words of `key`, with {name} replaced by values. */
export function w(key, values = {}) {
  const words = (locale() === "zh-CN" ? ZH : EN)[key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The words of `key` where there are any, else `otherwise`: for what a server names. */
export function wordsOr(key, otherwise, values = {}) {
  return key in EN ? w(key, values) : otherwise;
}

/** Seconds as people read them, with as many digits as tell something. */
export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 0.0995) return w("milliseconds", { n: number(value * 1000) });
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return w("seconds", { n: number(value, digits) });
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function size(bytes) {
  if (bytes < 1000) return w("bytes", { n: number(bytes) });
  return w("kilobytes", { n: number(bytes / 1000, bytes < 100_000 ? 1 : 0) });
}

/** Time of day to the second. */
export function clock(unixSeconds) {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "medium" }).format(new Date(unixSeconds * 1000));
}
