// The list above the message field: people for "@", channels for "#", commands for "/", choices for an option.

import { append, fill, h } from "../base/dom.js";

const MOST = 25;

export class Completion {
  /** @param {HTMLElement} root empty holder of the list */
  constructor(root) {
    this.root = root;
    this.items = [];
    this.active = 0;
    this.input = null;
    this.list = h("div", { class: "completion", role: "listbox", id: "completion-list", hidden: true, testid: "completion" });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    root.append(this.list);
  }

  get open() {
    return !this.list.hidden;
  }

  /**
   * @param {HTMLElement} input the field that keeps the focus
   * @param {string} label
   * @param {{title: string, detail?: string, mark?: Node, pick: () => void}[]} items
   */
  show(input, label, items) {
    this.hide();
    if (!items.length) return;
    this.items = items.slice(0, MOST);
    this.#open(input, label, this.items.map((item, n) => this.#row(item, n)));
    this.#move(0);
  }

  /** Say something in place of a list: that it is loading, empty, or did not come. */
  note(input, label, words) {
    this.hide();
    this.#open(input, label, h("div", { class: "completion-note", role: "option", "aria-disabled": "true", "aria-selected": "false", testid: "completion-note" }, words));
  }

  #open(input, label, rows) {
    this.input = input;
    this.list.setAttribute("aria-label", label);
    fill(this.list, h("div", { class: "completion-title", role: "presentation" }, label), rows);
    this.list.hidden = false;
    input.setAttribute("aria-controls", this.list.id);
    // A text area is one of several lines until it offers a list: then it is said to be what it is.
    this.borrowed = input.getAttribute("role") !== "combobox";
    if (this.borrowed) input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "true");
  }

  #row(item, n) {
    const row = h("div", { class: "completion-item", role: "option", id: `completion-${n}`, testid: "completion-item" });
    append(row, [item.mark, h("span", { class: "completion-name" }, item.title), item.detail ? h("span", { class: "completion-detail" }, item.detail) : null]);
    row.addEventListener("pointermove", () => this.#move(n));
    row.addEventListener("click", () => this.pick(n));
    return row;
  }

  hide() {
    this.list.hidden = true;
    this.items = [];
    this.input?.removeAttribute("aria-activedescendant");
    this.input?.removeAttribute("aria-controls");
    if (this.borrowed) for (const name of ["role", "aria-expanded"]) this.input?.removeAttribute(name);
    else this.input?.setAttribute("aria-expanded", "false");
    this.input = null;
  }

  #move(n) {
    this.active = (n + this.items.length) % this.items.length;
    for (const [index, row] of [...this.list.querySelectorAll("[role=option]")].entries()) {
      row.setAttribute("aria-selected", String(index === this.active));
      if (index === this.active) row.scrollIntoView({ block: "nearest" });
    }
    this.input.setAttribute("aria-activedescendant", `completion-${this.active}`);
  }

  pick(n = this.active) {
    const item = this.items[n];
    this.hide();
    item?.pick();
  }

  /** Take a key of the field; true if it was for the list. */
  key(event) {
    if (!this.open || event.isComposing) return false;
    if (!this.items.length && event.key !== "Escape") return false; // a note: keys are the field's
    if (event.key === "ArrowDown") this.#move(this.active + 1);
    else if (event.key === "ArrowUp") this.#move(this.active - 1);
    else if (event.key === "Enter" || event.key === "Tab") this.pick();
    else if (event.key === "Escape") this.hide();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
