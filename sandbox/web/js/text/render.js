// The tree of markdown.js as elements.

import { h, icon, safeUrl } from "../base/dom.js";
import { highlight } from "./highlight.js";
import { parseInline, parseMarkdown } from "./markdown.js";
import { dateTime, timestamp } from "../base/time.js";

const LINE_MARKS = /^(?:>>> |> |-# |#{1,3} )+/gm;
const PLACE = /^https:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/channels\/(?:@me|\d{1,20})\/(\d{1,20})(?:\/(\d{1,20}))?$/;

/**
 * @typedef {object} Names how ids are told to the reader
 * @property {(id: string) => string | null} user
 * @property {(id: string) => string | null} role
 * @property {(id: string) => string | null} channel
 * @property {(id: string) => boolean} hasChannel whether the reader sees it
 * @property {(id: string) => void} openChannel
 * @property {(channel: string, message?: string) => void} openPlace
 * @property {string} me the reader's id
 * @property {(key: string, values?: object) => string} t
 */

/** @param {Names} names */
export function renderMarkdown(source, names) {
  return h("div", { class: "markdown" }, parseMarkdown(source).map((node) => element(node, names)));
}

/** One line: for embed titles, select labels. */
export function renderInline(source, names) {
  return parseInline(source.replaceAll("\n", " ")).map((node) => element(node, names));
}

/** One line that tells what a longer text says, without the marks of its quotes, headings and small print. */
export function renderPreview(source, names) {
  return renderInline(source.replace(LINE_MARKS, "").trim(), names);
}

function inside(node, names) {
  return node.children.map((child) => element(child, names));
}

const PAGES = {
  customize: (t) => t("pageCustomize"),
  browse: (t) => t("pageBrowse"),
  guide: (t) => t("pageGuide"),
  "linked-roles": (t) => t("pageLinkedRoles"),
};
const TAGS = { strong: "strong", emphasis: "em", underline: "u", strike: "s", quote: "blockquote" };

function element(node, names) {
  switch (node.type) {
    case "text":
      return node.value;
    case "paragraph":
      return h("p", {}, inside(node, names));
    case "heading":
      return h("p", { class: `heading heading-${node.level}`, role: "heading", "aria-level": node.level + 2 }, inside(node, names));
    case "subtext":
      return h("p", { class: "subtext" }, inside(node, names));
    case "list":
      return list(node, names);
    case "code":
      return code(node, names);
    case "inline-code":
      return h("code", {}, node.value);
    case "link":
      return link(node, names);
    case "spoiler":
      return spoiler(inside(node, names), names);
    case "time":
      return time(node);
    case "user":
      return mention(`@${names.user(node.id) ?? names.t("unknownUser")}`, node.id === names.me);
    case "role":
      return mention(`@${names.role(node.id) ?? names.t("unknownRole")}`);
    case "everyone":
      return mention(`@${node.name}`);
    case "channel":
      return channel(node.id, names);
    case "command":
      return mention(`/${node.name}`);
    case "page":
      return Object.hasOwn(PAGES, node.name) ? mention(PAGES[node.name](names.t)) : `<id:${node.name}>`;
    case "emoji":
      return h("span", { class: "custom-emoji" }, `:${node.name}:`);
    default:
      return h(TAGS[node.type], {}, inside(node, names));
  }
}

function list(node, names) {
  const items = node.items.map((item) =>
    h("li", {}, item.children.map((child) => element(child, names))),
  );
  return node.ordered ? h("ol", { start: node.start }, items) : h("ul", {}, items);
}

function code(node, names) {
  const copy = h("button", { type: "button", class: "code-copy" }, names.t("copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(node.value);
    copy.textContent = names.t("copied");
  });
  const label = node.language || names.t("code");
  return h(
    "div",
    { class: "code-block" },
    h("div", { class: "code-head" }, h("span", { class: "code-language" }, node.language || names.t("code")), copy),
    h("pre", { tabindex: "0", role: "region", "aria-label": label }, h("code", {}, coloured(node))),
  );
}

function coloured({ value, language }) {
  return highlight(value, language).map((piece) => (piece.kind ? h("span", { class: `code-${piece.kind}` }, piece.value) : piece.value));
}

function link(node, names) {
  const url = safeUrl(node.url);
  if (!url) return h("span", {}, inside(node, names));
  const place = PLACE.exec(url);
  if (place && names.hasChannel(place[1])) return placeLink(node, url, place, names);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow", title: url }, inside(node, names));
}

/** A link to a channel or message that is here: followed in the page, and told by name where it has no words of its own. */
function placeLink(node, url, [, channelId, messageId], names) {
  const name = names.channel(channelId);
  const bare = name && node.children.length === 1 && node.children[0].value === node.url;
  const words = bare ? [`#${name}`, messageId ? " › 💬" : null] : inside(node, names);
  const follow = (event) => {
    event.preventDefault();
    names.openPlace(channelId, messageId);
  };
  return h("a", { href: url, class: bare ? "mention" : null, testid: "place-link", onclick: follow }, words);
}

/** Anything hidden until it is asked for; the same for text and pictures. */
export function spoiler(children, names) {
  const cover = h("button", { type: "button", class: "spoiler-cover", "aria-label": names.t("showSpoiler") }, icon("eye"), names.t("spoiler"));
  const content = h("span", { class: "spoiler-content", inert: true }, children);
  const holder = h("span", { class: "spoiler" }, content, cover);
  cover.addEventListener("click", () => {
    holder.classList.add("revealed");
    content.inert = false;
    cover.remove();
  });
  return holder;
}

function time(node) {
  const date = new Date(node.unix * 1000);
  if (Number.isNaN(date.getTime())) return h("span", {}, `<t:${node.unix}>`);
  const properties = { datetime: date.toISOString(), title: dateTime(date), class: "timestamp", "data-style": node.style };
  return h("time", properties, timestamp(date, node.style));
}

function mention(label, me = false) {
  return h("span", { class: me ? "mention mention-me" : "mention" }, label);
}

function channel(id, names) {
  const name = names.channel(id);
  if (!name) return mention(`#${names.t("unknownChannel")}`);
  return h("button", { type: "button", class: "mention", onclick: () => names.openChannel(id) }, `#${name}`);
}
