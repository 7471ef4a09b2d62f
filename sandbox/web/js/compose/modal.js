// A modal of the bot: a form in a dialog; what was filled in goes back by custom_id. It stays open until the bot has
// answered: what was written is not lost where that fails.

import { append, fill, h } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { makeControl } from "./fields.js";
import { openDialog } from "../base/overlay.js";
import { renderMarkdown } from "../text/render.js";

let serial = 0;

/**
 * @param {{title: string, components: object[]}} modal
 * @param {object} links {store, channel, names, submit(fields, files, told) → Promise<boolean>}: see Interactions.start
 */
export function showModal(modal, links) {
  const fields = new Map();
  const { dialog, body } = openDialog(modal.title, { testid: "modal" });
  const error = h("p", { class: "command-error", role: "alert" });
  const parts = modal.components.map((component) => part(component, links, fields));
  const send = h("button", { class: "button button-primary", testid: "modal-submit" }, h("span", {}, t("submit")));
  const foot = h("div", { class: "dialog-foot" }, h("button", { type: "button", class: "button button-secondary", onclick: () => dialog.close() }, t("cancel")), send);
  const form = h("form", { class: "modal-form", novalidate: true }, append(h("div", { class: "modal-fields" }), parts), error, foot);
  const wait = (waiting) => {
    send.classList.toggle("working", waiting); // not disabled: that would take the focus away
    send.setAttribute("aria-busy", String(waiting));
  };
  const told = (words) => {
    if (!dialog.open) return false;
    wait(false);
    if (words) error.textContent = `${t("interactionFailed")} ${words}`;
    else dialog.close();
    return Boolean(words);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = [...fields.values()].filter((field) => !field.check());
    error.textContent = wrong.length ? t("fillIn", { names: wrong.map((field) => field.label).join(", ") }) : "";
    wrong[0]?.focus();
    if (wrong.length || send.classList.contains("working")) return;
    const files = [];
    const values = Object.fromEntries([...fields].map(([id, field]) => [id, field.value(files)]));
    wait(true);
    if (!(await links.submit(values, files, told))) wait(false);
  });
  fill(body, form);
  const first = form.querySelector("input:not([type=radio], [type=checkbox]), textarea, .select-trigger, input");
  (first ?? send).focus();
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
      return unknown(component);
  }
}

function unknown(component) {
  return h("p", { class: "unknown-component" }, t("unknownComponent", { type: component.type }));
}

function labelled(label, description, component, links, fields) {
  const id = `modal-field-${(serial += 1)}`;
  const control = makeControl(component, { id, label, links });
  if (!control) return unknown(component);
  const fault = h("small", { class: "field-fault", id: `${id}-fault`, testid: `fault-${component.custom_id}` });
  const target = control.target ?? control.element;
  target.setAttribute("aria-describedby", `${id}-help ${id}-fault`);
  const check = () => {
    const words = control.fault();
    fill(fault, words);
    if (control.grouped) return !words;
    if (words) target.setAttribute("aria-invalid", "true");
    else target.removeAttribute("aria-invalid");
    return !words;
  };
  control.element.addEventListener("input", () => fault.textContent && check());
  const focus = () => (control.element.matches("input, textarea") ? control.element : control.element.querySelector("input, button"))?.focus();
  fields.set(component.custom_id, { value: control.value, check, focus, label: label || component.placeholder || component.custom_id });
  const star = component.required !== false && component.type !== 23 ? h("span", { class: "required", "aria-hidden": "true" }, "*") : null;
  const properties = { class: "field-label", id: `${id}-label` };
  const caption = control.grouped ? h("span", properties, label, star) : h("label", { ...properties, for: id }, label, star);
  const help = [description, control.help].filter(Boolean).join(" · ");
  return h("div", { class: `modal-field${component.type === 23 ? " inline" : ""}` }, caption, help ? h("small", { id: `${id}-help` }, help) : null, control.element, control.counter, fault);
}
