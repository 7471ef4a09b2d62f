// A text file's beginning, read when it is asked for.

import { fill, h } from "../base/dom.js";
import { highlight } from "../text/highlight.js";
import { t } from "../base/i18n.js";

const LARGEST = 512 * 1024; // bytes: what is larger is only offered for download
const SHOWN = 6000; // characters
const TEXT = /^(?:text\/|application\/(?:json|xml|javascript|x-(?:sh|python|yaml)))/;

export function hasPreview(attachment) {
  return TEXT.test(attachment.content_type ?? "") && (attachment.size ?? 0) <= LARGEST;
}

/** A button that shows and hides the file's text. @param {string} address one that safeUrl let pass */
export function textPreview(attachment, address) {
  const place = h("div", { class: "file-preview", hidden: true });
  const button = h("button", { type: "button", class: "text-button", "aria-expanded": "false", testid: "file-preview", onclick: toggle }, t("preview"));
  let read = null;

  async function toggle() {
    read ??= load(attachment, address, place);
    place.hidden = !place.hidden;
    button.textContent = place.hidden ? t("preview") : t("hidePreview");
    button.setAttribute("aria-expanded", String(!place.hidden));
    await read;
  }
  return { button, place };
}

async function load(attachment, address, place) {
  fill(place, h("p", { class: "file-note" }, t("loading")));
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new TypeError(answer.statusText);
    const text = await answer.text();
    const language = attachment.filename.split(".").pop();
    const pieces = highlight(text.slice(0, SHOWN), language).map((piece) => (piece.kind ? h("span", { class: `code-${piece.kind}` }, piece.value) : piece.value));
    fill(place, h("pre", { tabindex: "0", role: "region", "aria-label": attachment.filename }, h("code", {}, pieces)), text.length > SHOWN ? h("p", { class: "file-note" }, t("previewCut")) : null);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    fill(place, h("p", { class: "file-note" }, t("previewFailed")));
  }
}
