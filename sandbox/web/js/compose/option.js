// One option of a slash command: its field, what it holds, and what is wrong with that.

import { displayName, fill, h, iconButton } from "../base/dom.js";
import { localized, t } from "../base/i18n.js";
import { Suggestions } from "./suggestions.js";
import { numberFault, rangeInWords, textFault } from "../base/validate.js";

const STRING = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const ROLE = 8;
const MENTIONABLE = 9;
const NUMBER = 10;
const ATTACHMENT = 11;
const LONGEST = 6000; // Discord's limit on the text of an option

export class OptionField {
  /**
   * @param {object} option Discord's object
   * @param {{store: import("../net/state.js").Store, completion: import("./completion.js").Completion,
   *   ask: (name: string, text: string) => Promise<object[] | null>, drop: (() => void) | null}} links `drop` takes the
   *   field away again
   */
  constructor(option, links) {
    this.option = option;
    this.store = links.store;
    this.picked = null; // the value of a suggestion that was taken: its name stands in the field
    this.name = localized(option, "name");
    const id = `option-${option.name}`;
    this.input = this.#input(id);
    this.fault = h("small", { class: "field-fault", id: `${id}-fault`, testid: `fault-${option.name}` });
    const wide = option.required && option.type === STRING && !option.choices?.length;
    const star = option.required ? h("span", { class: "required", "aria-hidden": "true" }, "*") : null;
    const remove = links.drop ? iconButton("close", t("removeOption", { name: this.name }), { onclick: links.drop }) : null;
    const help = h("small", { id: `${id}-help` }, [localized(option, "description"), this.#bounds()].filter(Boolean).join(" · "));
    this.input.setAttribute("aria-describedby", `${id}-help ${id}-fault`);
    this.input.addEventListener("input", () => this.#changed());
    this.row = h("div", { class: `command-field${remove ? " optional" : ""}${wide ? " wide" : ""}` }, h("label", { for: id }, this.name, star), this.input, remove, help, this.fault);
    if (option.autocomplete) {
      const suggestions = new Suggestions(this.input, this.name, links.completion, (text) => links.ask(option.name, text));
      suggestions.onpick = (choice) => {
        this.input.value = choice.name;
        this.picked = choice.value;
        this.#tell(null);
      };
    }
  }

  #changed() {
    this.picked = null;
    if (this.input.hasAttribute("aria-invalid")) this.#tell(this.#wrong());
  }

  #bounds() {
    const { type, choices, min_value: low, max_value: high } = this.option;
    if (choices?.length || (type !== INTEGER && type !== NUMBER)) return "";
    const told = localized(this.option, "description");
    const said = [low, high].every((bound) => bound === undefined || told.includes(String(bound)));
    return said ? "" : rangeInWords(low, high);
  }

  #input(id) {
    const { option } = this;
    const common = { id, class: "field", testid: id, required: option.required, autocomplete: "off" };
    if (option.choices?.length) return list(common, option.choices.map((choice) => [String(choice.value), localized(choice, "name")]));
    switch (option.type) {
      case BOOLEAN:
        return list(common, [["true", t("yes")], ["false", t("no")]]);
      case USER:
        return list(common, this.#people());
      case CHANNEL:
        return list(common, this.#channels());
      case ROLE:
        return list(common, this.#roles());
      case MENTIONABLE:
        return list(common, [...this.#people(), ...this.#roles()]);
      case ATTACHMENT:
        return h("input", { ...common, type: "file" });
      default:
        return h("input", { ...common, type: "text", inputmode: { [INTEGER]: "numeric", [NUMBER]: "decimal" }[option.type] });
    }
  }

  #people() {
    return this.store.membersOf(this.store.channel).filter(Boolean).map((user) => [user.id, displayName(user)]);
  }

  #channels() {
    const { channel_types: kinds } = this.option;
    const all = this.store.guild()?.channels ?? [];
    return all.filter((channel) => !kinds?.length || kinds.includes(channel.type)).map((channel) => [channel.id, `#${channel.name}`]);
  }

  #roles() {
    return (this.store.guild()?.roles ?? []).map((role) => [role.id, `@${role.name.replace(/^@/, "")}`]);
  }

  get #text() {
    return this.picked === null ? this.input.value.trim() : String(this.picked);
  }

  #wrong() {
    const { option } = this;
    if (option.type === ATTACHMENT) return option.required && !this.input.files.length ? t("faultRequired") : null;
    const text = this.#text;
    if (!text) return option.required ? t("faultRequired") : null;
    if (option.choices?.length) return null;
    if (option.type === STRING) return textFault(text, { min: option.min_length, max: option.max_length ?? LONGEST });
    if (option.type === INTEGER || option.type === NUMBER) return numberFault(text, { min: option.min_value, max: option.max_value, whole: option.type === INTEGER });
    return null;
  }

  #tell(words) {
    fill(this.fault, words);
    if (words) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  /** Tell what is wrong below the field. @returns {boolean} whether nothing is */
  check() {
    const words = this.#wrong();
    this.#tell(words);
    return !words;
  }

  /** The value as the sandbox takes it, undefined for none; a file is put into `files` and told by its place there. */
  value(files) {
    if (this.option.type === ATTACHMENT) return this.input.files[0] ? files.push(this.input.files[0]) - 1 : undefined;
    const text = this.#text;
    if (!text || this.#wrong()) return undefined;
    if (this.option.type === BOOLEAN) return text === "true";
    return this.option.type === INTEGER || this.option.type === NUMBER ? Number(text) : text;
  }

  /** Take text that was typed after the command's name; true if this field is for text. */
  begin(text) {
    if (this.option.type !== STRING || this.input.tagName !== "INPUT") return false;
    this.input.value = text;
    return true;
  }
}

function list(common, entries) {
  return h("select", common, h("option", { value: "" }, "–"), entries.map(([value, label]) => h("option", { value }, label)));
}
