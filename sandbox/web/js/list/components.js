// Message components, the first kind (rows of buttons and selects) and the second (containers, sections, text,
// galleries). Unknown kinds are told by name, never dropped in silence.

import { h, icon, safeUrl } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { colour } from "./embeds.js";
import { gallery, picture, renderFile } from "./media.js";
import { renderMarkdown, spoiler } from "../text/render.js";
import { optionsFor, selectControl } from "../base/select.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };
const LINK = 5;
const PREMIUM = 6;

/**
 * @typedef {object} Surroundings what components need to know of their message
 * @property {import("../net/state.js").Store} store
 * @property {object} message
 * @property {object} channel
 * @property {import("../text/render.js").Names} names
 * @property {(customId: string, values?: string[]) => void} act
 */

/** @param {Surroundings} around */
export function renderComponents(components, around) {
  return components.map((component) => render(component, around));
}

function render(component, around) {
  switch (component.type) {
    case 1:
      return h("div", { class: "action-row" }, renderComponents(component.components, around));
    case 2:
      return button(component, around);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return select(component, around);
    case 9:
      return h(
        "div",
        { class: "section" },
        h("div", { class: "section-text" }, renderComponents(component.components, around)),
        component.accessory ? h("div", { class: "section-accessory" }, render(component.accessory, around)) : null,
      );
    case 10:
      return renderMarkdown(component.content, around.names);
    case 11:
      return h("div", { class: "thumbnail" }, picture(media(component, around), around.names, true));
    case 12:
      return gallery(component.items.map((item) => media(item, around)), around.names);
    case 13:
      return file(component, around);
    case 14:
      return h("hr", { class: `separator spacing-${component.spacing ?? 1}${component.divider === false ? " no-divider" : ""}` });
    case 17:
      return container(component, around);
    default:
      return h("p", { class: "unknown-component" }, t("unknownComponent", { type: component.type }));
  }
}

function button(component, around) {
  const label = component.style === PREMIUM ? t("premium") : component.label;
  const content = [component.emoji ? emoji(component.emoji, Boolean(label)) : null, label ? h("span", {}, label) : null];
  const look = `button button-${STYLES[component.style] ?? "secondary"}`;
  if (component.style === LINK) {
    const address = safeUrl(component.url);
    if (address && !component.disabled) return h("a", { class: look, href: address, target: "_blank", rel: "noopener noreferrer" }, content, icon("external"));
    return h("button", { type: "button", class: look, disabled: true }, content);
  }
  if (component.style === PREMIUM) return h("button", { type: "button", class: look, disabled: true, title: t("premiumWords") }, content);
  return h(
    "button",
    { type: "button", class: look, disabled: component.disabled, "data-custom-id": component.custom_id, testid: "component-button", onclick: () => around.act(component.custom_id) },
    content,
  );
}

function emoji({ name, id }, hidden) {
  return h("span", { class: id ? "custom-emoji" : null, "aria-hidden": hidden ? "true" : null }, id ? `:${name}:` : name);
}

function select(component, around) {
  const control = selectControl({
    label: component.placeholder || t("choose"),
    options: optionsFor(component, around.store, around.channel),
    min: component.min_values ?? 1,
    max: component.max_values ?? 1,
    disabled: component.disabled,
    onchoose: (values) => around.act(component.custom_id, values),
  });
  control.dataset.customId = component.custom_id;
  return control;
}

function media(item, around) {
  const source = item.media ?? {};
  const known = attachmentFor(source, around.message);
  return { url: known?.url ?? source.url, alt: item.description ?? known?.description, width: source.width ?? known?.width, height: source.height ?? known?.height, spoiler: item.spoiler };
}

function file(component, around) {
  const known = attachmentFor(component.file, around.message);
  const filename = component.name ?? known?.filename ?? component.file?.url?.split("/").pop()?.split("?")[0] ?? t("file");
  const shown = { url: known?.url ?? component.file?.url ?? "", filename, size: component.size ?? known?.size, content_type: known?.content_type ?? component.file?.content_type };
  return renderFile(shown, around.names, component.spoiler);
}

function attachmentFor(source, message) {
  const name = source?.url?.startsWith("attachment://") ? source.url.slice("attachment://".length) : null;
  return (message.attachments ?? []).find((one) => one.id === source?.attachment_id || (name && one.filename === name)) ?? null;
}

function container(component, around) {
  const box = h("div", { class: "container", testid: "container" }, renderComponents(component.components, around));
  if (component.accent_color !== null && component.accent_color !== undefined) box.style.setProperty("--edge", colour(component.accent_color));
  return component.spoiler ? spoiler([box], around.names) : box;
}
