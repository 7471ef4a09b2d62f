// A slash command being filled in: one labelled field an option, required ones first, others added at will.

import { displayName, fill, h, iconButton } from "./dom.js";
import { localized, t } from "./i18n.js";

const STRING = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const ROLE = 8;
const MENTIONABLE = 9;
const NUMBER = 10;
const ATTACHMENT = 11;
const AUTOCOMPLETE_MS = 180; // rest between keys before the bot is asked

export class CommandForm {
  /**
   * @param {import("./commands.js").Command} command
   * @param {object} links {store, completion, autocomplete(options, focused), cancel(), submit(options, files)}
   */
  constructor(command, links) {
    this.command = command;
    this.links = links;
    this.fields = new Map();
    this.wanted = 0;
    const name = command.parts.map((part) => localized(part, "name")).join(" ");
    this.holder = h("div", { class: "command-fields" });
    this.more = h("div", { class: "command-more" });
    this.error = h("p", { class: "command-error", role: "alert" });
    this.element = h(
      "form",
      { class: "command-form", "aria-label": `/${name}`, testid: "command-form", novalidate: true },
      h("div", { class: "command-head" }, h("strong", { class: "command-name" }, `/${name}`), h("span", {}, localized(command.leaf, "description")), iconButton("close", t("cancel"), { onclick: links.cancel })),
      this.holder,
      this.more,
      this.error,
      h("div", { class: "command-foot" }, h("button", { class: "button button-primary", testid: "command-run" }, t("run"))),
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
    const first = [...this.fields.values()][0];
    if (first && rest && first.option.type === STRING && first.input.tagName === "INPUT") first.input.value = rest;
    this.focus();
  }

  focus() {
    const first = this.element.querySelector(".command-fields input, .command-fields select") ?? this.element.querySelector("button[data-testid=command-run]");
    first.focus();
  }

  #renderMore() {
    const left = this.optional.filter((option) => !this.fields.has(option.name));
    const chips = left.map((option) => h("button", { type: "button", class: "option-chip", title: localized(option, "description"), testid: `add-${option.name}`, onclick: () => this.#addOptional(option) }, `+ ${localized(option, "name")}`));
    fill(this.more, chips.length ? [h("span", { class: "visually-hidden" }, t("moreOptions")), chips] : null);
  }

  #addOptional(option) {
    this.#add(option);
    this.#renderMore();
    this.fields.get(option.name).input.focus();
  }

  #add(option) {
    const id = `option-${option.name}`;
    const input = this.#input(option, id);
    const label = h("label", { for: id }, localized(option, "name"), option.required ? h("span", { class: "required", "aria-hidden": "true" }, "*") : null);
    const help = h("small", { id: `${id}-help` }, localized(option, "description"));
    const remove = option.required ? null : iconButton("close", t("removeOption", { name: localized(option, "name") }), { onclick: () => this.#drop(option) });
    const row = h("div", { class: "command-field" }, label, input, remove, help);
    input.setAttribute("aria-describedby", `${id}-help`);
    this.fields.set(option.name, { option, input, row, value: null });
    this.holder.append(row);
  }

  #drop(option) {
    this.fields.get(option.name).row.remove();
    this.fields.delete(option.name);
    this.#renderMore();
    this.focus();
  }

  #input(option, id) {
    const common = { id, class: "field", testid: id, required: option.required, autocomplete: "off" };
    if (option.choices?.length) return this.#list(common, option.choices.map((choice) => [String(choice.value), localized(choice, "name")]));
    switch (option.type) {
      case BOOLEAN:
        return this.#list(common, [["true", t("yes")], ["false", t("no")]]);
      case USER:
        return this.#list(common, this.#people());
      case CHANNEL:
        return this.#list(common, this.#channels(option));
      case ROLE:
        return this.#list(common, this.#roles());
      case MENTIONABLE:
        return this.#list(common, [...this.#people(), ...this.#roles()]);
      case ATTACHMENT:
        return h("input", { ...common, type: "file" });
      default:
        return this.#text(option, common);
    }
  }

  #list(common, entries) {
    return h("select", common, h("option", { value: "" }, "–"), entries.map(([value, label]) => h("option", { value }, label)));
  }

  #people() {
    const { store } = this.links;
    return store.membersOf(store.channel).filter(Boolean).map((user) => [user.id, displayName(user)]);
  }

  #channels(option) {
    const all = this.links.store.guild()?.channels ?? [];
    return all.filter((channel) => !option.channel_types?.length || option.channel_types.includes(channel.type)).map((channel) => [channel.id, `#${channel.name}`]);
  }

  #roles() {
    return (this.links.store.guild()?.roles ?? []).map((role) => [role.id, `@${role.name.replace(/^@/, "")}`]);
  }

  #text(option, common) {
    const numeric = option.type === INTEGER || option.type === NUMBER;
    const bounds = { min: option.min_value, max: option.max_value };
    const range = numeric && (bounds.min !== undefined || bounds.max !== undefined) ? `${bounds.min ?? "…"} – ${bounds.max ?? "…"}` : null;
    const inputmode = option.type === INTEGER ? "numeric" : numeric ? "decimal" : null;
    const input = h("input", { ...common, type: "text", inputmode, maxlength: option.max_length, placeholder: range });
    if (option.autocomplete) {
      input.setAttribute("aria-autocomplete", "list");
      input.addEventListener("input", () => this.#suggest(option, input));
      input.addEventListener("focus", () => this.#suggest(option, input));
      input.addEventListener("blur", () => this.links.completion.hide());
    }
    return input;
  }

  #suggest(option, input) {
    const field = () => this.fields.get(option.name);
    if (field()) field().value = null;
    clearTimeout(this.timer);
    const wanted = (this.wanted += 1);
    this.timer = setTimeout(async () => {
      const options = { ...this.#values(false).options, [option.name]: input.value };
      const choices = await this.links.autocomplete(options, option.name);
      if (wanted !== this.wanted || document.activeElement !== input) return;
      const pick = (choice) => {
        input.value = choice.name;
        field().value = choice.value;
      };
      this.links.completion.show(input, localized(option, "name"), choices.map((choice) => ({ title: choice.name, detail: choice.name === String(choice.value) ? null : String(choice.value), pick: () => pick(choice) })));
    }, AUTOCOMPLETE_MS);
  }

  /** What was filled in, each of its option's type; `strict` marks what is missing or no number. */
  #values(strict) {
    const options = {};
    const files = [];
    const wrong = [];
    for (const { option, input, value } of this.fields.values()) {
      input.removeAttribute("aria-invalid");
      if (option.type === ATTACHMENT) {
        if (input.files[0]) options[option.name] = files.push(input.files[0]) - 1;
        else if (option.required) wrong.push([option, input]);
        continue;
      }
      const text = value ?? input.value.trim();
      if (text === "") {
        if (option.required) wrong.push([option, input]);
        continue;
      }
      const typed = convert(option.type, text);
      if (typed === null) wrong.push([option, input]);
      else options[option.name] = typed;
    }
    if (strict) for (const [, input] of wrong) input.setAttribute("aria-invalid", "true");
    return { options, files, wrong };
  }

  #submit() {
    this.links.completion.hide();
    const { options, files, wrong } = this.#values(true);
    if (wrong.length) {
      this.error.textContent = t("fillIn", { names: wrong.map(([option]) => localized(option, "name")).join(", ") });
      wrong[0][1].focus();
      return;
    }
    this.error.textContent = "";
    this.links.submit(options, files);
  }

  #key(event) {
    if (this.links.completion.key(event)) return;
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.links.cancel();
  }
}

function convert(type, text) {
  if (type === BOOLEAN) return text === "true";
  if (type !== INTEGER && type !== NUMBER) return String(text);
  const number = Number(text);
  if (!Number.isFinite(number) || (type === INTEGER && !Number.isInteger(number))) return null;
  return number;
}
