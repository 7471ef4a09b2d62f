// What a modal's labels hold: texts, selects, files, radio buttons and check boxes. Each control is
// {element, value(files), fault(), help?, counter?, grouped?, target?}; `fault` gives words or null, `grouped` says that a
// caption and not a label names it, `target` is the element that carries the description.

import { h } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { optionsFor, selectControl } from "../base/select.js";
import { countFault, countInWords, textFault } from "../base/validate.js";

const TEXT_INPUT = 4;
const SELECTS = new Set([3, 5, 6, 7, 8]);
const FILES = 19;
const RADIOS = 21;
const CHECK_BOXES = 22;
const CHECK_BOX = 23;
const PARAGRAPH = 2;
const NEAR_FULL = 10; // what is left is told below a tenth of the most
const LONGEST = 4000; // Discord's limit on a text input

/** The control of one component, or null where the kind is not known. */
export function makeControl(component, { id, label, links }) {
  if (component.type === TEXT_INPUT) return textInput(component, id);
  if (SELECTS.has(component.type)) return select(component, id, label, links);
  if (component.type === FILES) return fileInput(component, id);
  if (component.type === RADIOS || component.type === CHECK_BOXES) return choices(component, id);
  if (component.type === CHECK_BOX) {
    const box = h("input", { type: "checkbox", id, checked: component.default, testid: `field-${component.custom_id}` });
    return { element: box, value: () => box.checked, fault: () => null };
  }
  return null;
}

function textInput(component, id) {
  const min = component.min_length ?? 0;
  const max = component.max_length ?? LONGEST;
  const required = component.required !== false;
  const properties = { id, class: "field", testid: `field-${component.custom_id}`, placeholder: component.placeholder, value: component.value ?? "", required };
  const element = component.style === PARAGRAPH ? h("textarea", { ...properties, rows: "4" }) : h("input", { ...properties, type: "text", autocomplete: "off" });
  const counter = h("small", { class: "field-counter", "aria-live": "polite" });
  element.addEventListener("input", () => {
    const left = max - element.value.length;
    counter.textContent = left < max / NEAR_FULL ? String(left) : "";
  });
  return { element, counter, value: () => element.value, fault: () => textFault(element.value, { min, max, required }) };
}

function bounds(component) {
  return { min: component.min_values ?? 1, max: component.max_values ?? 1, required: component.required !== false };
}

function several({ min, max }) {
  return max > 1 ? countInWords(min, max) : "";
}

function select(component, id, label, links) {
  const rule = bounds(component);
  const options = optionsFor(component, links.store, links.channel);
  let values = options.filter((option) => option.chosen).map((option) => option.value);
  const element = selectControl({
    label: component.placeholder || label || t("choose"), labelledby: `${id}-label`, options, each: true, min: rule.required ? rule.min : 0, max: rule.max,
    onchoose: (chosen) => {
      values = chosen;
      element.dispatchEvent(new Event("input"));
    },
  });
  return { element, grouped: true, target: element.querySelector("button"), value: () => values, fault: () => countFault(values.length, rule), help: several(rule) };
}

function fileInput(component, id) {
  const rule = bounds(component);
  const element = h("input", { id, class: "field", type: "file", multiple: rule.max > 1, testid: `field-${component.custom_id}` });
  const value = (files) => [...element.files].map((file) => files.push(file) - 1);
  return { element, value, fault: () => countFault(element.files.length, rule), help: several(rule) };
}

function choices(component, id) {
  const single = component.type === RADIOS;
  const rule = single ? { min: 1, max: 1, required: component.required !== false } : bounds(component);
  const boxes = component.options.map((option, n) => h("input", { type: single ? "radio" : "checkbox", name: id, id: `${id}-${n}`, value: option.value, checked: option.default }));
  const rows = component.options.map((option, n) => h("label", { class: "choice", for: `${id}-${n}` }, boxes[n], h("span", {}, option.label, option.description ? h("small", {}, option.description) : null)));
  const element = h("div", { class: "choices", role: single ? "radiogroup" : "group", "aria-labelledby": `${id}-label`, testid: `field-${component.custom_id}` }, rows);
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return { element, grouped: true, value: () => (single ? (chosen()[0] ?? null) : chosen()), fault: () => countFault(chosen().length, rule), help: single ? "" : several(rule) };
}
