// Rich embeds: author, title, text, fields, pictures, footer.

import { h, safeUrl } from "../base/dom.js";
import { picture } from "./media.js";
import { renderInline, renderMarkdown } from "../text/render.js";
import { dateTime, shortTime } from "../base/time.js";

export function renderEmbed(embed, names) {
  const card = h("div", { class: "embed", testid: "embed" });
  if (embed.color !== null && embed.color !== undefined) card.style.setProperty("--edge", colour(embed.color));
  const large = embed.image && picture({ ...embed.image, alt: embed.image.description, name: embed.title }, names);
  const small = embed.thumbnail && picture({ url: embed.thumbnail.url, alt: embed.thumbnail.description, name: embed.title }, names, true);
  const body = h(
    "div",
    { class: "embed-body" },
    embed.author?.name ? h("div", { class: "embed-author" }, mark(embed.author.icon_url), maybeLink(embed.author.url, embed.author.name)) : null,
    embed.title ? h("div", { class: "embed-title" }, maybeLink(embed.url, ...renderInline(embed.title, names))) : null,
    embed.description ? renderMarkdown(embed.description, names) : null,
    embed.fields?.length ? h("div", { class: "embed-fields" }, embed.fields.map((field) => renderField(field, names))) : null,
    large || null,
    foot(embed),
  );
  card.append(body);
  if (small) card.append(h("div", { class: "embed-thumbnail" }, small));
  return card;
}

function renderField(field, names) {
  const name = h("div", { class: "embed-field-name" }, renderInline(field.name, names));
  return h("div", { class: field.inline ? "embed-field inline" : "embed-field" }, name, renderMarkdown(field.value, names));
}

function foot({ footer, timestamp }) {
  const date = timestamp ? new Date(timestamp) : null;
  const time = date ? h("time", { datetime: date.toISOString(), title: dateTime(date) }, shortTime(date)) : null;
  if (!footer?.text && !time) return null;
  return h("div", { class: "embed-footer" }, mark(footer?.icon_url), h("span", {}, footer?.text, footer?.text && time ? " · " : null, time));
}

/** The small round picture before an author or a footer; it says nothing that the words beside it do not. */
function mark(url) {
  const address = url && safeUrl(url);
  return address ? h("img", { class: "embed-mark", src: address, alt: "", loading: "lazy" }) : null;
}

function maybeLink(address, ...content) {
  const url = address && safeUrl(address);
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, content) : h("span", {}, content);
}

/** @param {number} value 0 … 0xFFFFFF */
export function colour(value) {
  return `#${(value & 0xffffff).toString(16).padStart(6, "0")}`;
}
