// The page's own words, English and Chinese; what the bot says comes in the language that the bot chooses
// from the locale which this page reports.

import { EN } from "../words/en.js";
import { ZH } from "../words/zh.js";

const CATALOGUES = { "en-US": EN, "zh-CN": ZH };
let current = "en-US";

export function locale() {
  return current;
}

export function otherLocale() {
  return current === "en-US" ? "zh-CN" : "en-US";
}

export function setLocale(value) {
  current = value?.startsWith("zh") ? "zh-CN" : "en-US";
  document.documentElement.lang = current;
}

/** The words of `key`, with {name} replaced by values. */
export function t(key, values = {}) {
  const words = CATALOGUES[current][key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A name or description that a command carries in several languages. */
export function localized(item, field) {
  const translations = item[`${field}_localizations`];
  return translations?.[current] || item[field] || "";
}
