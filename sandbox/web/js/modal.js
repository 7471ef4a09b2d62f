// A modal of the bot: a form in a dialog; what was filled in goes back by custom_id.

import { append, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { openDialog } from "./overlay.js";
import { renderMarkdown } from "./render.js";
import { optionsFor, selectControl } from "./select.js";

const PARAGRAPH = 2;
const SELECTS = new Set([3, 5, 6, 7, 8]);
let serial = 0;

/**
 * @param {{title: string, components: object[]}} modal
 * @param {object} links {store, channel, names, submit(fields, files) → Promise<boolean>}
 */
export function showModal(modal, links) {
  const fields = new Map();
  const { dialog, body } = openDialog(modal.title, { testid: "modal" });
  const error = h("p", { class: "command-error", role: "alert" });
  const form = h("form", { class: "modal-form", novalidate: true }, modal.components.map((component) => part(component, links, fields)));
  const foot = h(
    "div",
    { class: "dialog-foot" },
    h("button", { type: "button", class: "button button-secondary", onclick: () => dialog.close() }, t("cancel")),
    h("button", { class: "button button-primary", testid: "modal-submit" }, t("submit")),
  );
  append(form, [error, foot]);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = [...fields.values()].filter((field) => !field.valid());
    if (missing.length) {
      error.textContent = t("fillIn", { names: missing.map((field) => field.label).join(", ") });
      return;
    }
    const files = [];
    const values = Object.fromEntries([...fields].map(([id, field]) => [id, field.value(files)]));
    if (await links.submit(values, files)) dialog.close();
  });
  fill(body, form);
  form.querySelector("input, textarea, .select-trigger")?.focus();
}

function part(component, links, fields) {
  switch (component.type) {
    case 1:
      return component.components.map((inner) => labelled(inner.label ?? "", "", inner, links, fields));
    case 10:
      return renderMarkdown(component.content, links.names);
    case 18:
      return labelled(component.label, component.description ?? "", component.component, links, fields);
    default:
      return h("p", { class: "unknown-component" }, t("unknownComponent", { type: component.type }));
  }
}

function labelled(label, description, component, links, fields) {
  const id = `modal-field-${(serial += 1)}`;
  const field = control(component, { id, label, links });
  if (!field) return h("p", { class: "unknown-component" }, t("unknownComponent", { type: component.type }));
  fields.set(component.custom_id, { ...field, label: label || component.placeholder || component.custom_id });
  const required = component.required !== false ? h("span", { class: "required", "aria-hidden": "true" }, "*") : null;
  const caption = field.grouped ? h("span", { class: "field-label", id: `${id}-label` }, label, required) : h("label", { class: "field-label", id: `${id}-label`, for: id }, label, required);
  return h("div", { class: "modal-field" }, caption, description ? h("small", {}, description) : null, field.element);
}

/** The element of one component and how its value is read; null where the kind is not known. */
function control(component, { id, label, links }) {
  const optional = component.required === false;
  if (component.type === 4) return textInput(component, id, optional);
  if (SELECTS.has(component.type)) return select(component, id, label, links, optional);
  if (component.type === 19) return fileInput(component, id, optional);
  if (component.type === 21 || component.type === 22) return choices(component, id, optional);
  if (component.type === 23) {
    const box = h("input", { type: "checkbox", id, checked: component.default });
    return { element: box, value: () => box.checked, valid: () => true };
  }
  return null;
}

function textInput(component, id, optional) {
  const properties = { id, class: "field", testid: `field-${component.custom_id}`, maxlength: component.max_length ?? 4000, placeholder: component.placeholder, value: component.value ?? "" };
  const input = component.style === PARAGRAPH ? h("textarea", { ...properties, rows: "4" }) : h("input", properties);
  const long = (text) => text.length >= (component.min_length ?? (optional ? 0 : 1));
  return { element: input, value: () => input.value, valid: () => (optional && !input.value) || long(input.value) };
}

function select(component, id, label, links, optional) {
  const options = optionsFor(component, links.store, links.channel);
  let values = options.filter((option) => option.chosen).map((option) => option.value);
  const min = component.min_values ?? 1;
  const element = selectControl({
    label: component.placeholder || label || t("choose"), labelledby: `${id}-label`, options, min, max: component.max_values ?? 1, onchoose: (chosen) => (values = chosen),
  });
  return { element, grouped: true, value: () => values, valid: () => values.length >= min || (optional && !values.length) };
}

function fileInput(component, id, optional) {
  const input = h("input", { id, class: "field", type: "file", multiple: (component.max_values ?? 1) > 1 });
  const value = (files) => [...input.files].slice(0, component.max_values ?? 1).map((file) => files.push(file) - 1);
  return { element: input, value, valid: () => optional || input.files.length >= (component.min_values ?? 1) };
}

function choices(component, id, optional) {
  const single = component.type === 21;
  const boxes = component.options.map((option, n) => h("input", { type: single ? "radio" : "checkbox", name: id, id: `${id}-${n}`, value: option.value, checked: option.default }));
  const rows = component.options.map((option, n) => h("label", { class: "choice", for: `${id}-${n}` }, boxes[n], h("span", {}, option.label, option.description ? h("small", {}, option.description) : null)));
  const element = h("div", { role: single ? "radiogroup" : "group", "aria-labelledby": `${id}-label` }, rows);
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const value = () => (single ? (chosen()[0] ?? null) : chosen());
  return { element, grouped: true, value, valid: () => optional || chosen().length >= (component.min_values ?? 1) };
}
