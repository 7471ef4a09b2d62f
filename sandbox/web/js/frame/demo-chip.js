// Who answers: a small button in the header that says it, and a dialog that explains it. It is told by `/control/demo`.

import { fill, h } from "../base/dom.js";
import { locale } from "../base/i18n.js";
import { openDialog } from "../base/overlay.js";
import { EN } from "../words/demo-en.js";
import { ZH } from "../words/demo-zh.js";

const LOOK_MS = 1000; // while the model is loading; after that it changes only where it dies

export class DemoChip {
  constructor() {
    this.about = null;
    this.looking = null; // what is asked now: an answer that came late would be gone by after a newer one
    this.explaining = false;
    this.button = h("button", { type: "button", class: "demo-chip", testid: "demo-chip", "aria-haspopup": "dialog", hidden: true, onclick: () => this.#explain() });
    new MutationObserver(() => this.#render()).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
    this.#look();
  }

  /** Ask what the demo is; a page that is part of none shows nothing. */
  #look() {
    clearTimeout(this.next);
    this.looking ??= this.#ask();
    return this.looking;
  }

  async #ask() {
    try {
      const response = await fetch("/control/demo");
      const about = response.ok ? await response.json() : {};
      this.about = about.provider ? about : null;
    } catch {
      // The page tells already that the connection is lost.
    }
    this.looking = null;
    this.#render();
    if (this.about?.model?.state === "loading") this.next = setTimeout(() => this.#look(), LOOK_MS);
  }

  #render() {
    this.button.hidden = !this.about;
    if (!this.about) return;
    const { kind, words } = told(this.about);
    this.button.dataset.kind = kind;
    this.button.setAttribute("aria-label", `${w("whoAnswers")}: ${words}`);
    this.button.title = w("whoAnswers");
    fill(this.button, h("span", { class: "demo-chip-mark", "aria-hidden": "true" }), h("span", { class: "demo-chip-words" }, words));
  }

  async #explain() {
    if (this.explaining) return; // a second click, while the first is not answered
    this.explaining = true;
    await this.#look();
    this.explaining = false;
    if (!this.about) return;
    const { body } = openDialog(w("whoAnswers"), { testid: "demo-dialog", onclose: () => this.button.focus() });
    const lines = explanation(this.about).map((line) => h("p", {}, line));
    fill(body, h("div", { class: "demo-about" }, h("p", { class: "demo-kind" }, told(this.about).words), lines));
  }
}

function told({ live, model }) {
  if (live) return { kind: "live", words: w("live") };
  if (model.kind === "scripted") return { kind: "scripted", words: w("scripted") };
  return { kind: model.state, words: w(model.state === "loading" ? "loading" : "real", { name: model.name }) };
}

function explanation({ live, model, provider }) {
  const setting = w("provider", { name: provider });
  if (live) return [w("liveText"), live.endpoint ? w("liveEndpoint", { name: live.endpoint }) : null, ...live.unset.map((name) => w(name)), setting].filter(Boolean);
  const scripted = model.kind === "scripted";
  const text = scripted ? [w("scriptedText"), w("why", { words: w(model.reason) })] : [w("realText", { name: model.name }), w("realChinese")];
  // What went wrong is told by a program, in its own words.
  if (model.reason === "failed") text.push(model.why);
  if (model.state === "loading") text.push(w("loadingText"));
  return [...text, w("drawnText"), setting];
}

function w(key, values = {}) {
  const words = (locale() === "zh-CN" ? ZH : EN)[key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
