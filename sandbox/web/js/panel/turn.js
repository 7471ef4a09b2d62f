// One turn: what was asked, how far the bot is, and all that it did for it.

import { fill, h, icon } from "../base/dom.js";
import { renderCall, renderEvent } from "./call.js";
import { RequestCard } from "./request.js";
import { clock, seconds, w, wordsOr } from "./words.js";

const SETTLED = new Set(["done", "failed", "stopped", "interrupted"]);
const LAST_SHOWN = 3;
const FOLDABLE = new Set(["edit", "typing", "read"]);

export class TurnCard {
  /**
   * @param {object} turn
   * @param {() => void} toggled called when a person opened or closed it
   * @param {() => number} now the server's time, in Unix seconds
   */
  constructor(turn, toggled, now) {
    this.turn = turn;
    this.now = now;
    this.chosen = null; // whether a person wants it open
    this.cards = new Map();
    this.rows = [];
    this.unfolded = false;
    this.state = h("span", { class: "turn-state", testid: "panel-state" });
    this.words = h("span", { class: "turn-words" });
    this.summary = h("span", { class: "turn-sum" });
    this.list = h("ol", { class: "turn-list", id: `panel-${turn.id}` });
    this.more = h("li", { class: "fold-row" });
    this.head = h(
      "button",
      { type: "button", class: "turn-head", "aria-controls": this.list.id, onclick: () => ((this.chosen = this.list.hidden), this.show(this.chosen), toggled()) },
      h("span", { class: "turn-top" }, this.state, h("span", { class: "turn-who" }, `${turn.who} · ${this.#place()}`), h("time", { class: "event-time" }, clock(turn.at)), icon("down")),
      this.words,
      this.summary,
    );
    this.root = h("li", { class: "turn", testid: "panel-turn", "data-turn": turn.id }, this.head, this.list);
    this.update(turn);
  }

  #place() {
    return this.turn.channel ? `#${this.turn.channel}` : w("inDirect");
  }

  get settled() {
    return SETTLED.has(this.turn.state);
  }

  get when() {
    return this.turn.acted_at;
  }

  show(open) {
    this.list.hidden = !open;
    this.head.setAttribute("aria-expanded", String(open));
  }

  update(turn) {
    this.turn = turn;
    this.root.dataset.state = turn.state;
    this.state.className = `turn-state turn-is-${turn.state}`;
    this.state.textContent = wordsOr(`state_${turn.state}`, turn.state);
    this.words.textContent = turn.words || w("noWords");
  }

  add(item) {
    if (item.kind === "endpoint") {
      const card = new RequestCard(item, this.now);
      this.cards.set(item.id, card);
      this.list.append(card.root);
    } else {
      const row = item.kind === "discord" ? renderCall(item) : renderEvent(item);
      this.list.append(row);
      if (item.kind === "discord") this.rows.push({ item, row });
      this.#fold();
    }
    this.#sum();
  }

  change(item) {
    this.cards.get(item.id)?.update(item);
  }

  tick() {
    for (const card of this.cards.values()) card.tick();
  }

  remove(id) {
    this.cards.get(id)?.root.remove();
    this.cards.delete(id);
    const found = this.rows.findIndex((one) => one.item.id === id);
    if (found >= 0) this.rows.splice(found, 1)[0].row.remove();
  }

  get empty() {
    return !this.cards.size && !this.rows.length;
  }

  /** Many edits say little: of those that went well only the last few are shown. */
  #fold() {
    const well = this.rows.filter(({ item }) => FOLDABLE.has(item.op) && item.status < 300 && !item.fault);
    const folded = this.unfolded || well.length <= LAST_SHOWN + 2 ? [] : well.slice(0, -LAST_SHOWN);
    for (const { row } of well) row.hidden = false;
    for (const { row } of folded) row.hidden = true;
    if (!folded.length) return void this.more.remove();
    const button = h("button", { type: "button", class: "text-button", onclick: () => ((this.unfolded = true), this.#fold()) }, w("showMore", { n: folded.length }));
    fill(this.more, button);
    folded[0].row.before(this.more);
    return undefined;
  }

  #sum() {
    const writes = this.rows.filter(({ item }) => item.op === "send" || item.op === "edit" || item.op === "answer");
    const gaps = writes.map(({ item }) => item.since_s).filter((gap) => gap !== null);
    const parts = [
      this.cards.size ? w(this.cards.size === 1 ? "sumRequest" : "sumRequests", { n: this.cards.size }) : null,
      writes.length ? w(writes.length === 1 ? "sumWrite" : "sumWrites", { n: writes.length }) : null,
      gaps.length > 1 ? w("sumGap", { time: seconds(gaps.reduce((all, gap) => all + gap, 0) / gaps.length) }) : null,
    ];
    this.summary.textContent = parts.filter(Boolean).join(" · ");
  }
}
