// A request to the endpoint, with its answer as it comes.

import { fill, h } from "../base/dom.js";
import { statusKind } from "./call.js";
import { drawBeats } from "./charts.js";
import { number, seconds, size, w, wordsOr } from "./words.js";

const TAIL_CHARS = 140;
const STALE_S = 2; // what the rate is told over

function outcome(item) {
  if (item.outcome === "open") {
    if (item.drawing) return ["live", w("outcome_drawing")];
    return item.progress.deltas ? ["live", w("outcome_streaming")] : ["wait", w("outcome_asked")];
  }
  if (item.progress.error && item.status === 200) return ["bad", w("outcome_error")];
  if (item.outcome === "refused") return [statusKind(item.status), w("outcome_refused", { status: item.status })];
  if (item.outcome === "complete") return ["good", w(item.intent ? "outcome_intent" : "outcome_complete")];
  return ["bad", wordsOr(`outcome_${item.outcome}`, item.outcome)];
}

function shownValue(value) {
  if (typeof value === "string") return value === "" ? "“”" : value;
  return JSON.stringify(value);
}

function fold(summary, body, testid) {
  return h("details", { class: "fold", testid }, h("summary", {}, summary), body);
}

export class RequestCard {
  /** @param {object} item @param {() => number} now the server's time, in Unix seconds */
  constructor(item, now) {
    this.item = item;
    this.now = now;
    this.name = h("span", { class: "request-name", title: item.path });
    this.state = h("span", { class: "request-state" });
    this.chart = h("div", { class: "request-chart" });
    this.figures = h("dl", { class: "figures" });
    this.text = h("p", { class: "request-text" });
    this.root = h(
      "li",
      { class: "request", testid: "panel-request", "data-endpoint": item.endpoint },
      h("div", { class: "request-line" }, this.name, h("span", { class: "room" }), this.state),
      this.chart,
      this.figures,
      this.text,
      fold(w("parameters", { n: Object.keys(item.parameters).length }), this.#parameters(), "panel-parameters"),
      item.messages_count ? fold(w("requestMessages", { n: item.messages_count }), this.#messages(), "panel-messages") : null,
      item.raw ? fold(w("rawBody"), h("pre", {}, item.raw), "panel-raw") : null,
    );
    this.update(item);
  }

  #name() {
    return w(`asks_${this.item.endpoint === "fusion" ? "fusion" : "chat"}_${this.item.drawing ? "drawing" : "text"}`);
  }

  #parameters() {
    const rows = Object.entries(this.item.parameters).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, shownValue(value))));
    return h("dl", { class: "parameters" }, rows);
  }

  #messages() {
    const rows = this.item.messages.map((message) => {
      const role = typeof message?.role === "string" ? message.role : "…";
      const content = message?.content ?? message;
      return h("li", { class: "said" }, h("span", { class: "said-role" }, role), h("span", { class: "said-words" }, shownValue(content)));
    });
    return h("ol", { class: "said-list" }, rows);
  }

  /** Called each second: time passes, and no deltas come, without a word from the server. */
  tick() {
    if (this.item.outcome === "open") fill(this.figures, this.#figures(this.item.progress));
  }

  update(item) {
    this.item = item;
    this.changedAt = this.now();
    const { progress } = item;
    const [kind, words] = outcome(item);
    this.name.textContent = this.#name();
    this.root.dataset.outcome = item.outcome;
    this.root.dataset.deltas = progress.deltas;
    this.state.className = `request-state state-${kind}`;
    this.state.textContent = words;
    fill(this.chart, progress.beats.length > 1 ? drawBeats(progress.beats) : null);
    fill(this.figures, this.#figures(progress));
    const tail = progress.text.length > TAIL_CHARS ? `…${progress.text.slice(-TAIL_CHARS)}` : progress.text;
    this.text.textContent = progress.error ?? tail;
    this.text.classList.toggle("is-error", Boolean(progress.error));
    this.text.hidden = !this.text.textContent;
  }

  #figures(progress) {
    const open = this.item.outcome === "open";
    const figures = [
      ["firstDelta", this.item.first_s === null ? "–" : seconds(this.item.first_s)],
      open ? ["elapsed", seconds(Math.max(0, this.now() - this.item.at))] : ["took", seconds(this.item.seconds)],
      open ? ["deltasPerSecond", number(this.now() - this.changedAt < STALE_S ? progress.rate : 0, 1)] : null,
      ["deltas", number(progress.deltas)],
      ["text", `${w("chars", { n: number(progress.chars) })} · ${size(progress.bytes)}`],
      progress.finish ? ["finish", progress.finish] : null,
      progress.usage ? ["usage", `${number(progress.usage.prompt_tokens ?? 0)} → ${number(progress.usage.completion_tokens ?? 0)}`] : null,
    ];
    return figures.filter(Boolean).map(([name, value]) => h("div", { "data-figure": name }, h("dt", {}, w(`figure_${name}`)), h("dd", {}, value)));
  }
}
