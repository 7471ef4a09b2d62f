// What is wrong with a value, in words; null where nothing is. Used by commands' options and by modals.

import { t } from "./i18n.js";

/** @param {{min?: number, max?: number, required?: boolean}} rule lengths in characters */
export function textFault(text, { min = 0, max = Infinity, required = false }) {
  if (!text) return required ? t("faultRequired") : null;
  const now = text.length;
  if (now < min) return t("faultShort", { min, now });
  return now > max ? t("faultLong", { max, now }) : null;
}

/** @param {{min?: number, max?: number, whole?: boolean}} rule */
export function numberFault(text, { min = -Infinity, max = Infinity, whole = false }) {
  const number = Number(text);
  if (!Number.isFinite(number)) return whole ? t("faultWhole") : t("faultNumber");
  if (whole && !Number.isInteger(number)) return t("faultWhole");
  if (number >= min && number <= max) return null;
  return t("faultRange", { range: rangeInWords(min, max) });
}

/** @param {{min: number, max: number, required?: boolean}} rule how many are to be chosen */
export function countFault(count, { min, max, required = true }) {
  if (!count && !required) return null;
  if (count >= min && count <= max) return null;
  if (min === 1 && max === 1) return t("faultRequired");
  return countInWords(min, max);
}

/** How many are to be chosen. */
export function countInWords(min, max) {
  return min === max ? t("chooseExactly", { n: max }) : t("chooseSeveral", { min, max });
}

/** @returns {string} "" where there are no bounds */
export function rangeInWords(min = -Infinity, max = Infinity) {
  if (Number.isFinite(min) && Number.isFinite(max)) return t("rangeBetween", { min, max });
  if (Number.isFinite(min)) return t("rangeFrom", { min });
  return Number.isFinite(max) ? t("rangeTo", { max }) : "";
}
