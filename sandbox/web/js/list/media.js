// Pictures and files of a message.

import { h, icon, safeUrl } from "../base/dom.js";
import { locale, t } from "../base/i18n.js";
import { openLightbox } from "./lightbox.js";
import { hasPreview, textPreview } from "./preview.js";
import { spoiler } from "../text/render.js";

const SPOILER_FLAG = 8;
const LARGEST = { width: 420, height: 360 }; // CSS pixels of a single picture in the list
const shown = new WeakMap(); // what each picture's button shows, for the lightbox

function isSpoiler(attachment) {
  return attachment.filename?.startsWith("SPOILER_") || Boolean((attachment.flags ?? 0) & SPOILER_FLAG);
}

/** All attachments: pictures as one gallery, then the other files. */
export function renderAttachments(attachments, names) {
  const pictures = attachments.filter(isPicture);
  const files = attachments.filter((attachment) => !isPicture(attachment));
  const items = pictures.map((one) => ({ url: one.url, alt: one.description, width: one.width, height: one.height, spoiler: isSpoiler(one), name: one.filename }));
  return [gallery(items, names), files.map((one) => renderFile(one, names, isSpoiler(one)))];
}

function isPicture(attachment) {
  return /^image\/(png|jpe?g|gif|webp|avif)/.test(attachment.content_type ?? "") || (Boolean(attachment.width) && !attachment.content_type);
}

/** One picture in its own shape, or several as tiles; null for none. */
export function gallery(items, names) {
  if (!items.length) return null;
  const several = items.length > 1;
  const holder = h("div", { class: several ? "gallery" : "single" }, items.map((item) => picture(item, names, several)));
  if (several) holder.dataset.count = String(items.length);
  return holder;
}

/** @param {{url: string, alt?: string, name?: string, width?: number, height?: number, spoiler?: boolean}} item */
export function picture(item, names, tiled = false) {
  const address = safeUrl(item.url);
  if (!address) return null;
  const alt = item.alt || item.name || t("picture");
  const image = h("img", { src: address, alt, loading: "lazy", testid: "picture" });
  if (!tiled && item.width && item.height) {
    const scale = Math.min(1, LARGEST.width / item.width, LARGEST.height / item.height);
    image.setAttribute("width", String(Math.round(item.width * scale)));
    image.setAttribute("height", String(Math.round(item.height * scale)));
  }
  image.addEventListener("error", () => button.classList.add("broken"), { once: true });
  const badge = item.alt ? h("span", { class: "alt-badge", "aria-hidden": "true", testid: "alt-badge" }, t("alt")) : null;
  const button = h("button", { type: "button", class: "picture", title: alt, "aria-haspopup": "dialog", testid: "open-picture", onclick: () => enlarge(button) }, image, badge);
  shown.set(button, { address, alt, described: Boolean(item.alt) });
  return item.spoiler ? spoiler([button], names) : button;
}

function enlarge(button) {
  const around = button.closest("[data-message]") ?? button.parentElement;
  const all = [...around.querySelectorAll(".picture")].filter((one) => !one.closest("[inert]"));
  openLightbox(all.map((one) => shown.get(one)), Math.max(0, all.indexOf(button)));
}

/** @param {{url: string, filename: string, size?: number, content_type?: string}} attachment */
export function renderFile(attachment, names, hidden = false) {
  const address = safeUrl(attachment.url);
  const preview = address && hasPreview(attachment) ? textPreview(attachment, address) : null;
  const about = h(
    "div",
    { class: "file-about" },
    h("a", { href: address, class: "file-name", target: "_blank", rel: "noopener noreferrer", download: attachment.filename }, attachment.filename),
    h("span", { class: "file-size" }, attachment.size ? sizeInWords(attachment.size) : null, preview ? [" · ", preview.button] : null),
  );
  const save = address ? h("a", { class: "icon-button", href: address, download: attachment.filename, target: "_blank", rel: "noopener noreferrer", "aria-label": t("download", { name: attachment.filename }), title: t("download", { name: attachment.filename }) }, icon("save")) : null;
  const box = h("div", { class: "file", testid: "file" }, h("div", { class: "file-row" }, icon("file"), about, save), preview?.place);
  return hidden ? spoiler([box], names) : box;
}

/** @param {number} bytes */
function sizeInWords(bytes) {
  const [unit, divisor] = bytes >= 1048576 ? ["megabyte", 1048576] : bytes >= 1024 ? ["kilobyte", 1024] : ["byte", 1];
  const unitDisplay = unit === "byte" ? "long" : "short";
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 }).format(bytes / divisor);
}
