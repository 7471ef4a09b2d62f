// What lies over the page: short notices, the menu of a message, the question before a deletion.

import { fill, h, iconButton } from "./dom.js";
import { t } from "./i18n.js";

const NOTICE_MS = 6000;

/** Tell something for a few seconds. */
export function toast(words, kind = "error") {
  const note = h("div", { class: `toast toast-${kind}`, testid: "toast" }, h("span", {}, words), iconButton("close", t("dismiss"), { onclick: () => note.remove() }));
  toastPlace().append(note);
  setTimeout(() => note.remove(), NOTICE_MS);
}

/** Where notices stand: in the open dialog, as all else is out of reach behind it. */
function toastPlace() {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (!dialog) return document.getElementById("toasts");
  const known = dialog.querySelector(".toasts");
  return known ?? dialog.appendChild(h("div", { class: "toasts", role: "status", "aria-live": "polite" }));
}

/**
 * A menu at a button. @param {{label: string, act: () => void}[]} entries; headings are entries without `act`.
 */
export function openMenu(anchor, label, entries) {
  const items = entries.map((entry) =>
    entry.act
      ? h("button", { type: "button", role: "menuitem", tabindex: "-1", testid: "menu-item", onclick: () => (close(), entry.act()) }, entry.label)
      : h("div", { class: "menu-heading", role: "presentation" }, entry.label),
  );
  const menu = h("div", { class: "menu", role: "menu", "aria-label": label, testid: "menu" }, items);
  const buttons = items.filter((item) => item.tagName === "BUTTON");

  function close(focus = true) {
    menu.remove();
    document.removeEventListener("pointerdown", outside);
    if (focus) anchor.focus();
  }
  function outside(event) {
    if (!menu.contains(event.target)) close(false);
  }
  menu.addEventListener("keydown", (event) => {
    const index = buttons.indexOf(document.activeElement);
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (event.key === "ArrowDown") buttons[(index + 1) % buttons.length]?.focus();
    else if (event.key === "ArrowUp") buttons[(index - 1 + buttons.length) % buttons.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(menu);
  place(menu, anchor.getBoundingClientRect());
  document.addEventListener("pointerdown", outside);
  buttons[0]?.focus();
}

function place(menu, anchor) {
  const below = anchor.bottom + menu.offsetHeight + 8 < window.innerHeight;
  menu.style.top = `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(anchor.left, window.innerWidth - menu.offsetWidth - 8))}px`;
}

/** A dialog with a title; removes itself when closed. */
export function openDialog(title, { label = title, testid = "dialog", onclose } = {}) {
  const body = h("div", { class: "dialog-body" });
  const dialog = h("dialog", { class: "dialog", "aria-label": label, testid });
  const head = h("header", { class: "dialog-head" }, h("h2", {}, title), iconButton("close", t("close"), { onclick: () => dialog.close() }));
  fill(dialog, head, body);
  dialog.addEventListener("close", () => {
    dialog.remove();
    onclose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, body };
}

/** Ask before something that can't be undone. @returns {Promise<boolean>} */
export function confirmDialog(title, words, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const { dialog, body } = openDialog(title, { testid: "confirm", onclose: () => resolve(answer) });
    const agree = () => {
      answer = true;
      dialog.close();
    };
    const buttons = [
      h("button", { type: "button", class: "button button-secondary", onclick: () => dialog.close() }, t("cancel")),
      h("button", { type: "button", class: "button button-danger", testid: "confirm-yes", onclick: agree }, yes),
    ];
    fill(body, h("p", {}, words), h("div", { class: "dialog-foot" }, buttons));
    buttons[1].focus();
  });
}

/** Ask for one line. @returns {Promise<string | null>} */
export function promptDialog(title, label, action, { value = "", max = 100 } = {}) {
  return new Promise((resolve) => {
    let answer = null;
    const { dialog, body } = openDialog(title, { testid: "prompt", onclose: () => resolve(answer) });
    const input = h("input", { class: "field", id: "prompt-input", maxlength: max, value, required: true });
    const form = h("form", { method: "dialog" }, h("label", { for: "prompt-input" }, label), input, h("div", { class: "dialog-foot" }, h("button", { class: "button button-primary" }, action)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = input.value.trim() || null;
      dialog.close();
    });
    fill(body, form);
    input.focus();
  });
}
