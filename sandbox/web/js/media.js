// Pictures, files and embeds of a message.

import { h, icon, safeUrl } from "./dom.js";
import { locale, t } from "./i18n.js";
import { renderInline, renderMarkdown, spoiler } from "./render.js";
import { shortTime } from "./time.js";

const SPOILER_FLAG = 8;
const LARGEST = { width: 420, height: 360 }; // CSS pixels of a single picture in the list

export function isSpoiler(attachment) {
  return attachment.filename?.startsWith("SPOILER_") || Boolean((attachment.flags ?? 0) & SPOILER_FLAG);
}

/** All attachments: pictures as one gallery, then the other files. */
export function renderAttachments(attachments, names) {
  const pictures = attachments.filter(isPicture);
  const files = attachments.filter((attachment) => !isPicture(attachment));
  const shown = pictures.map((attachment) => {
    const item = { url: attachment.url, alt: attachment.description, width: attachment.width, height: attachment.height, spoiler: isSpoiler(attachment), name: attachment.filename };
    return picture(item, names, pictures.length > 1);
  });
  return [shown.length ? h("div", { class: shown.length > 1 ? "gallery" : "single" }, shown) : null, files.map(renderFile)];
}

function isPicture(attachment) {
  return /^image\/(png|jpe?g|gif|webp|avif)/.test(attachment.content_type ?? "") || (Boolean(attachment.width) && !attachment.content_type);
}

export function picture(item, names, tiled = false) {
  const address = safeUrl(item.url);
  if (!address) return null;
  const image = h("img", { src: address, alt: item.alt || item.name || t("picture"), loading: "lazy", testid: "picture" });
  if (!tiled && item.width && item.height) {
    const scale = Math.min(1, LARGEST.width / item.width, LARGEST.height / item.height);
    image.setAttribute("width", String(Math.round(item.width * scale)));
    image.setAttribute("height", String(Math.round(item.height * scale)));
  }
  const link = h("a", { class: "picture", href: address, target: "_blank", rel: "noopener noreferrer", title: item.alt || item.name }, image);
  return item.spoiler ? spoiler([link], names) : link;
}

export function renderFile(attachment) {
  const address = safeUrl(attachment.url);
  return h(
    "div",
    { class: "file", testid: "file" },
    icon("file"),
    h("div", {}, h("a", { href: address, target: "_blank", rel: "noopener noreferrer", download: attachment.filename }, attachment.filename), h("span", { class: "file-size" }, sizeInWords(attachment.size ?? 0))),
  );
}

/** @param {number} bytes */
function sizeInWords(bytes) {
  const [unit, divisor] = bytes >= 1048576 ? ["megabyte", 1048576] : bytes >= 1024 ? ["kilobyte", 1024] : ["byte", 1];
  return new Intl.NumberFormat(locale(), { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / divisor);
}

export function renderEmbed(embed, names) {
  const card = h("div", { class: "embed", testid: "embed" });
  if (embed.color !== null && embed.color !== undefined) card.style.setProperty("--edge", colour(embed.color));
  const body = h("div", { class: "embed-body" });
  card.append(body);
  if (embed.author?.name) body.append(h("div", { class: "embed-author" }, maybeLink(embed.author.url, embed.author.name)));
  if (embed.title) body.append(h("div", { class: "embed-title" }, maybeLink(embed.url, ...renderInline(embed.title, names))));
  if (embed.description) body.append(renderMarkdown(embed.description, names));
  if (embed.fields?.length) {
    const fields = embed.fields.map((field) =>
      h("div", { class: field.inline ? "embed-field inline" : "embed-field" }, h("div", { class: "embed-field-name" }, renderInline(field.name, names)), renderMarkdown(field.value, names)),
    );
    body.append(h("div", { class: "embed-fields" }, fields));
  }
  const large = embed.image && picture({ url: embed.image.url, alt: embed.image.description || embed.title, ...sizeOf(embed.image) }, names);
  if (large) body.append(large);
  const small = embed.thumbnail && picture({ url: embed.thumbnail.url, alt: embed.title }, names, true);
  if (small) card.append(h("div", { class: "embed-thumbnail" }, small));
  const foot = [embed.footer?.text, embed.timestamp && shortTime(new Date(embed.timestamp))].filter(Boolean).join(" · ");
  if (foot) body.append(h("div", { class: "embed-footer" }, foot));
  return card;
}

function sizeOf({ width, height }) {
  return { width, height };
}

function maybeLink(address, ...content) {
  const url = address && safeUrl(address);
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, content) : h("span", {}, content);
}

/** @param {number} value 0 … 0xFFFFFF */
export function colour(value) {
  return `#${(value & 0xffffff).toString(16).padStart(6, "0")}`;
}
