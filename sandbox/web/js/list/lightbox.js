// A picture over the whole page, with its neighbours of the same message: arrows turn, Escape closes.

import { fill, h, icon, iconButton } from "../base/dom.js";
import { t } from "../base/i18n.js";

/**
 * @param {{address: string, alt: string, described: boolean}[]} pictures all of one message that may be seen
 * @param {number} first which one to begin with
 */
export function openLightbox(pictures, first) {
  let at = first;
  const stage = h("div", { class: "lightbox-stage" });
  const caption = h("p", { class: "lightbox-caption", testid: "lightbox-caption", "aria-live": "polite" });
  const several = pictures.length > 1;
  const before = several ? iconButton("left", t("previousPicture"), { class: "icon-button lightbox-turn", testid: "lightbox-previous", onclick: () => turn(-1) }) : null;
  const after = several ? iconButton("right", t("nextPicture"), { class: "icon-button lightbox-turn", testid: "lightbox-next", onclick: () => turn(1) }) : null;
  const open = h("a", { class: "button button-secondary", target: "_blank", rel: "noopener noreferrer" }, t("openInBrowser"), icon("external"));
  const close = iconButton("close", t("close"), { testid: "lightbox-close", onclick: () => dialog.close() });
  const dialog = h(
    "dialog",
    { class: "lightbox", "aria-label": t("picture"), testid: "lightbox" },
    h("div", { class: "lightbox-bar" }, open, close),
    h("div", { class: "lightbox-row" }, before, stage, after),
    caption,
  );

  function show() {
    const { address, alt, described } = pictures[at];
    fill(stage, h("img", { src: address, alt, testid: "lightbox-picture" }));
    open.href = address;
    const words = described ? alt : "";
    caption.textContent = several ? [t("pictureOf", { n: at + 1, all: pictures.length }), words].filter(Boolean).join(" · ") : words;
  }

  function turn(step) {
    at = (at + step + pictures.length) % pictures.length;
    show();
  }

  dialog.addEventListener("keydown", (event) => {
    if (!several || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    turn(event.key === "ArrowLeft" ? -1 : 1);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target === stage || event.target.classList.contains("lightbox-row")) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  show();
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}
