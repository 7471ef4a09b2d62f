// A slash command being filled in: one labelled field an option, required ones first, others added at will.

import { localizedPath } from "./commands.js";
import { fill, h, iconButton } from "../base/dom.js";
import { localized, t } from "../base/i18n.js";
import { OptionField } from "./option.js";

export class CommandForm {
  /**
   * @param {import("./commands.js").Command} command
   * @param {object} links {store, completion, autocomplete(options, focused), cancel(), submit(options, files)};
   *   `submit` resolves when it was sent or refused
   */
  constructor(command, links) {
    this.command = command;
    this.links = links;
    this.fields = new Map();
    this.sending = false;
    const name = localizedPath(command);
    this.holder = h("div", { class: "command-fields" });
    this.more = h("div", { class: "command-more", role: "group", "aria-label": t("moreOptions") });
    this.error = h("p", { class: "command-error", role: "alert" });
    this.element = h(
      "form",
      { class: "command-form", "aria-label": `/${name}`, testid: "command-form", novalidate: true },
      h("div", { class: "command-head" }, h("strong", { class: "command-name" }, `/${name}`), h("span", {}, localized(command.leaf, "description")), iconButton("close", t("cancel"), { onclick: links.cancel })),
      this.holder,
      h("div", { class: "command-foot" }, this.more, h("button", { class: "button button-primary", testid: "command-run" }, t("run"))),
      this.error,
    );
    this.element.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    const options = command.leaf.options ?? [];
    for (const option of options.filter((each) => each.required)) this.#add(option);
    this.optional = options.filter((each) => !each.required);
    this.#renderMore();
  }

  /** Put the cursor into the first field, with text that was typed after the command's name. */
  start(rest) {
    if (rest) [...this.fields.values()][0]?.begin(rest);
    this.focus();
  }

  focus() {
    const first = this.element.querySelector(".command-fields input, .command-fields select") ?? this.element.querySelector("button[data-testid=command-run]");
    first.focus();
  }

  #renderMore() {
    const left = this.optional.filter((option) => !this.fields.has(option.name));
    const chips = left.map((option) => h("button", { type: "button", class: "option-chip", title: localized(option, "description"), testid: `add-${option.name}`, onclick: () => this.#addOptional(option) }, `+ ${localized(option, "name")}`));
    fill(this.more, chips);
  }

  #addOptional(option) {
    this.#add(option);
    this.#renderMore();
    this.fields.get(option.name).input.focus();
  }

  #add(option) {
    const field = new OptionField(option, {
      store: this.links.store,
      completion: this.links.completion,
      ask: (name, text) => this.links.autocomplete({ ...this.#values([]), [name]: text }, name),
      drop: option.required ? null : () => this.#drop(option),
    });
    this.fields.set(option.name, field);
    this.holder.append(field.row);
  }

  #drop(option) {
    this.fields.get(option.name).row.remove();
    this.fields.delete(option.name);
    this.#renderMore();
    this.focus();
  }

  #values(files) {
    const known = [...this.fields].map(([name, field]) => [name, field.value(files)]);
    return Object.fromEntries(known.filter(([, value]) => value !== undefined));
  }

  async #submit() {
    this.links.completion.hide();
    const wrong = [...this.fields.values()].filter((field) => !field.check());
    this.error.textContent = wrong.length ? t("fillIn", { names: wrong.map((field) => field.name).join(", ") }) : "";
    wrong[0]?.input.focus();
    if (wrong.length || this.sending) return;
    const files = [];
    this.sending = true;
    try {
      await this.links.submit(this.#values(files), files);
    } finally {
      this.sending = false;
    }
  }

  #key(event) {
    if (this.links.completion.key(event)) return;
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.links.cancel();
  }
}
