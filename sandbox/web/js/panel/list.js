// The list of what went on, newest first: turns with all that belongs to them, and what belongs to none.

import { fill, h } from "../base/dom.js";
import { CallGroup, renderEvent } from "./call.js";
import { RequestCard } from "./request.js";
import { TurnCard } from "./turn.js";
import { w, wordsOr } from "./words.js";

export class PanelList {
  /** @param {import("./feed.js").PanelFeed} feed */
  constructor(feed) {
    this.feed = feed;
    this.now = () => feed.now();
    this.list = h("ol", { class: "feed-list", testid: "panel-feed" });
    this.nothing = h("p", { class: "feed-empty" });
    this.news = h("p", { class: "visually-hidden", role: "status" });
    this.root = h("section", { class: "panel-feed", tabindex: "0" }, this.news, this.nothing, this.list);
    this.#forget();
  }

  #forget() {
    this.turns = new Map();
    this.blocks = new Map(); // by the id of the item that began it
    this.holders = new Map(); // which block an item is in
    this.open = null; // the group that the next loose request joins
    fill(this.list);
  }

  /** Draw all anew: another language. */
  rebuild() {
    const chosen = new Map([...this.turns].map(([id, card]) => [id, card.chosen]));
    this.#forget();
    this.take({ added: [...this.feed.items.values()], changed: new Set(), gone: [], cleared: false });
    for (const [id, card] of this.turns) card.chosen = chosen.get(id) ?? null;
    this.#settle();
  }

  /** Called each second. */
  tick() {
    for (const { block } of this.blocks.values()) block.tick?.();
  }

  take({ added, changed, gone, cleared }) {
    if (cleared) this.#forget();
    for (const id of gone) this.#drop(id);
    for (const item of added) if (this.feed.items.has(item.id)) this.#add(item);
    for (const id of changed) this.#change(this.feed.items.get(id));
    if (cleared || added.length || changed.size || gone.length) this.#settle();
  }

  #add(item) {
    if (this.holders.has(item.id)) return this.#change(item);
    if (item.kind === "turn") {
      const card = new TurnCard(item, () => this.#settle(), this.now);
      this.turns.set(item.id, card);
      return this.#begin(item, card, () => card.when);
    }
    const turn = this.turns.get(item.turn);
    if (turn) {
      turn.add(item);
      return this.holders.set(item.id, turn);
    }
    if (item.kind === "discord") {
      if (!this.open) this.#begin(item, (this.open = new CallGroup()), () => item.at);
      this.open.add(item);
      return this.holders.set(item.id, this.open);
    }
    return this.#begin(item, item.kind === "endpoint" ? new RequestCard(item, this.now) : { root: renderEvent(item) }, () => item.at);
  }

  #begin(item, block, when) {
    if (!(block instanceof CallGroup)) this.open = null;
    block.root.classList.add("block");
    this.blocks.set(item.id, { block, when });
    this.holders.set(item.id, block);
  }

  #change(item) {
    const holder = item && this.holders.get(item.id);
    if (!holder) return;
    if (item.kind === "turn") {
      holder.update(item);
      this.#announce(holder);
    } else if (holder instanceof TurnCard) holder.change(item);
    else holder.update?.(item);
  }

  /** Tell those who can't see it how a turn ended. */
  #announce(card) {
    if (!card.settled || card.announced === card.turn.state) return;
    card.announced = card.turn.state;
    this.news.textContent = w("announce", { who: card.turn.who, state: wordsOr(`state_${card.turn.state}`, card.turn.state) });
  }

  #drop(id) {
    const holder = this.holders.get(id);
    this.holders.delete(id);
    if (holder instanceof TurnCard && id !== holder.turn.id) return void holder.remove(id);
    const begun = this.blocks.get(id);
    if (!begun) return undefined;
    begun.block.root.remove();
    this.blocks.delete(id);
    this.turns.delete(id);
    if (this.open === begun.block) this.open = null;
    return undefined;
  }

  /** Put the blocks in order, and open what is of interest: the latest turn and those under way. */
  #settle() {
    const order = [...this.blocks.values()].sort((a, b) => b.when() - a.when());
    let place = this.list.firstElementChild;
    for (const { block } of order) {
      if (block.root === place) place = place.nextElementSibling;
      else this.list.insertBefore(block.root, place);
    }
    const latest = order.find(({ block }) => block instanceof TurnCard)?.block;
    for (const card of this.turns.values()) card.show(card.chosen ?? (card === latest || !card.settled));
    this.nothing.hidden = this.blocks.size > 0;
    this.nothing.textContent = w("nothingYet");
    this.root.setAttribute("aria-label", w("feedLabel"));
  }
}
