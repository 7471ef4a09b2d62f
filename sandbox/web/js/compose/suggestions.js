// What the bot suggests for an option while one types: asked after a short rest, the newest answer counts.

import { t } from "../base/i18n.js";

const REST_MS = 180; // between keys before the bot is asked
const PATIENCE_MS = 250; // before "loading" is told: most answers are faster

export class Suggestions {
  /**
   * @param {HTMLInputElement} input
   * @param {string} label
   * @param {import("./completion.js").Completion} completion
   * @param {(text: string) => Promise<{name: string, value: string | number}[] | null>} ask null where it failed
   */
  constructor(input, label, completion, ask) {
    Object.assign(this, { input, label, completion, ask });
    this.wanted = 0;
    this.onpick = () => undefined;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.addEventListener("input", () => this.#soon());
    input.addEventListener("focus", () => this.#soon());
    input.addEventListener("blur", () => this.#stop());
  }

  #stop() {
    clearTimeout(this.timer);
    clearTimeout(this.patience);
    this.wanted += 1;
    this.completion.hide();
  }

  #soon() {
    clearTimeout(this.timer);
    const wanted = (this.wanted += 1);
    this.timer = setTimeout(() => this.#ask(wanted), REST_MS);
  }

  async #ask(wanted) {
    const current = () => wanted === this.wanted && document.activeElement === this.input;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => current() && this.completion.note(this.input, this.label, t("suggestionsLoading")), PATIENCE_MS);
    const choices = await this.ask(this.input.value);
    if (!current()) return;
    clearTimeout(this.patience);
    if (!choices) return this.completion.note(this.input, this.label, t("suggestionsFailed"));
    if (!choices.length) return this.completion.note(this.input, this.label, t("suggestionsNone"));
    const items = choices.map((choice) => ({ title: choice.name, pick: () => (this.#stop(), this.onpick(choice)) }));
    this.completion.show(this.input, this.label, items);
  }
}
