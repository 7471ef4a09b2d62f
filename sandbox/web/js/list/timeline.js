// The messages of the channel that is open: loads pages, follows events, stays at the bottom while one reads there.

import { displayName, fill, h, icon } from "../base/dom.js";
import { locale, t } from "../base/i18n.js";
import { renderPosts } from "./forum.js";
import { Row } from "./row.js";
import { dayName, refreshRelative } from "../base/time.js";
import { compareIds, hasPosts } from "../net/state.js";

const PAGE = 50;
const NEAR_PX = 80; // so near to an end counts as being there
const GROUP_MS = 7 * 60_000; // messages of one author within this time stand together
const JUMP_PAGES = 10; // so far back a message that is replied to is looked for
const RELATIVE_MS = 15_000;

const MESSAGE_KEYS = { r: "reply", e: "edit", delete: "delete", enter: "more" }; // of the message that has the focus

export class Timeline {
  /**
   * @param {HTMLElement} root
   * @param {import("../net/state.js").Store} store
   * @param {import("../net/interactions.js").Interactions} interactions
   * @param {object} links {load(channel, before, limit), actions}; the actions are those of actions.js
   */
  constructor(root, store, interactions, links) {
    this.store = store;
    this.interactions = interactions;
    this.links = links;
    this.rows = new Map();
    this.place = null; // person, channel and language that the rows are of
    this.pinned = true;
    this.top = 0; // where the newest message was gone to last
    this.loading = null; // the page that is under way: {wanted, done}
    this.opened = null; // settles once the channel's newest messages are there
    this.list = h("div", { class: "list", role: "log", "aria-live": "off", testid: "messages" });
    this.tail = h("div", { class: "tail" });
    this.typing = h("div", { class: "typing", testid: "typing", "aria-live": "polite" });
    this.scroller = h("div", { class: "scroller", tabindex: "0" }, h("div", { class: "filler" }), this.list, this.tail);
    this.jumpButton = h("button", { type: "button", class: "to-bottom", hidden: true, onclick: () => this.toBottom() }, icon("down"));
    fill(root, this.scroller, this.jumpButton, this.typing);
    store.on("selection", () => this.#reopen());
    store.on("session", () => this.store.channel ?? this.#reopen()); // else it is selected anew
    store.on("places", () => this.#retell());
    store.on("commands", () => this.#retell());
    store.on("messages", (detail) => detail.channel === this.channel && this.#follow(detail));
    store.on("typing", (detail) => detail.channel === this.channel && this.#tellTyping());
    interactions.addEventListener("change", () => this.#tellPending());
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.list.addEventListener("keydown", (event) => this.#walk(event));
    const resized = new ResizeObserver(() => this.pinned && this.#settle());
    resized.observe(this.list);
    resized.observe(this.scroller);
    setInterval(() => refreshRelative(this.list), RELATIVE_MS);
  }

  get channel() {
    return this.store.selected.channel;
  }

  /** Show the selected channel from its newest message on. Rows that are there already stay, and with them what is edited. */
  async open() {
    const place = [this.store.me?.id, this.channel, locale()].join();
    if (place !== this.place || hasPosts(this.store.channel)) {
      this.rows.clear();
      fill(this.list);
      this.pinned = true;
    }
    this.place = place;
    this.#expect(null); // what is under way is of before
    this.scroller.setAttribute("aria-label", t("messages"));
    this.list.setAttribute("aria-label", t("messages"));
    this.jumpButton.setAttribute("aria-label", t("toBottom"));
    this.#tellTyping();
    this.#tellPending();
    if (!this.channel) return undefined;
    if (hasPosts(this.store.channel)) return this.#showPosts();
    if (this.store.isLoaded(this.channel)) this.#rebuild();
    else await this.#load(null);
    return undefined;
  }

  #reopen() {
    this.opened = this.open();
  }

  #showPosts() {
    fill(this.list, renderPosts(this.store, this.store.channel, this.links.actions.openChannel));
  }

  #expect(loading) {
    this.loading = loading;
    this.list.setAttribute("aria-busy", String(loading !== null));
  }

  /** Load the newest page, or the one before a message; at the end it is shown, or was told to be refused. */
  #load(before) {
    const wanted = [this.channel, before].join();
    if (this.loading?.wanted !== wanted) {
      const loading = { wanted };
      this.#expect(loading);
      loading.done = this.#fetch(loading, this.channel, before);
    }
    return this.loading.done;
  }

  async #fetch(loading, channel, before) {
    this.store.expectPage(channel);
    const page = await this.links.load(channel, before, PAGE);
    if (this.loading !== loading) return; // something else was opened meanwhile
    this.#expect(null);
    if (page) this.store.addPage(channel, page, page.length >= PAGE);
  }

  #follow({ kind, message, id }) {
    if (kind === "page") return this.#rebuild();
    if (kind === "remove") {
      this.rows.get(id)?.element.remove();
      this.rows.delete(id);
      return this.#arrange();
    }
    if (message.interaction_metadata?.id) this.interactions.settle(message.interaction_metadata.id);
    const known = this.rows.get(message.id);
    if (known) {
      known.update(message);
    } else {
      this.#place(message);
      this.#arrange();
    }
    this.#settle();
  }

  #place(message) {
    const row = new Row(this.store, message, this.links.actions);
    const after = [...this.rows.values()].filter((other) => compareIds(other.message.id, message.id) > 0);
    const next = after.sort((a, b) => compareIds(a.message.id, b.message.id))[0];
    this.list.insertBefore(row.element, next?.element ?? null);
    this.rows.set(message.id, row);
  }

  #rebuild() {
    const messages = this.store.messages(this.channel);
    const fromBottom = this.scroller.scrollHeight - this.scroller.scrollTop;
    const before = this.rows;
    this.rows = new Map();
    // Those that are there stay where they are: taken out and put back, they would lose the focus.
    let next = null;
    for (const message of messages.toReversed()) {
      const known = before.get(message.id);
      if (known && known.message !== message) known.update(message);
      const row = known ?? new Row(this.store, message, this.links.actions);
      if (!known) this.list.insertBefore(row.element, next);
      before.delete(message.id);
      this.rows.set(message.id, row);
      next = row.element;
    }
    for (const row of before.values()) row.element.remove();
    this.#arrange();
    if (this.pinned) this.toBottom();
    else this.scroller.scrollTop = this.scroller.scrollHeight - fromBottom;
    this.#tellWork();
  }

  #tellWork() {
    for (const row of this.rows.values()) row.work(this.interactions.on(row.message.id));
  }

  /** Names and rights may have changed: build what depends on them anew. */
  #retell() {
    if (hasPosts(this.store.channel)) return this.#showPosts();
    for (const row of this.rows.values()) row.update(row.message);
    return undefined;
  }

  /** Dates between days, authors once a group, the newest message reachable by Tab. */
  #arrange() {
    for (const divider of this.list.querySelectorAll(".day")) divider.remove();
    let before = null;
    const messages = this.store.messages(this.channel);
    for (const message of messages) {
      const row = this.rows.get(message.id);
      if (!row) continue;
      const date = new Date(message.timestamp);
      const newDay = !before || new Date(before.timestamp).toDateString() !== date.toDateString();
      if (newDay) row.element.before(h("div", { class: "day", role: "separator" }, h("span", {}, dayName(date))));
      const fresh = message.id === this.store.newFrom && before !== null;
      if (fresh) row.element.before(h("div", { class: "day new-line", role: "separator", testid: "new-line" }, h("span", {}, t("newMessages"))));
      row.element.classList.toggle("grouped", !newDay && !fresh && sameGroup(before, message));
      row.element.tabIndex = -1;
      before = message;
    }
    if (before) this.rows.get(before.id).element.tabIndex = 0;
    const older = this.store.hasOlder(this.channel);
    const empty = this.list.querySelector(".beginning");
    if (older) empty?.remove();
    else if (!empty) this.list.prepend(this.#beginning());
  }

  #beginning() {
    const channel = this.store.channel;
    const bot = this.store.bot;
    const name = channel?.guild_id ? `#${channel.name}` : displayName(channel?.recipients?.find((user) => user.id !== this.store.me.id) ?? bot);
    const topic = channel?.topic ? h("p", {}, channel.topic) : null;
    return h("div", { class: "beginning" }, h("h2", {}, name), topic, h("p", {}, channel?.guild_id ? t("beginning", { bot: displayName(bot) }) : t("beginningDm")));
  }

  #tellPending() {
    this.#tellWork();
    const rows = this.interactions.of(this.channel).map((one) => {
      if (one.state === "failed") {
        const dismiss = h("button", { type: "button", class: "text-button", onclick: () => this.interactions.dismiss(one.id) }, t("dismiss"));
        return h("p", { class: "pending failed", testid: "interaction-failed" }, h("strong", {}, one.label), " ", one.error, " · ", dismiss);
      }
      const words = one.state === "thinking" ? t("thinking", { name: displayName(this.store.bot) }) : t("sending", { name: one.label });
      return h("p", { class: "pending", testid: "interaction-pending" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), words);
    });
    fill(this.tail, rows);
    this.#settle();
  }

  #tellTyping() {
    const names = this.store.typists(this.channel).map(displayName);
    const words = names.length === 0 ? "" : names.length === 1 ? t("typingOne", { name: names[0] }) : names.length < 4 ? t("typingSome", { names: names.join(", ") }) : t("typingMany");
    fill(this.typing, words ? [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), words] : null);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.pinned = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.jumpButton.hidden = this.pinned;
    const [oldest] = this.store.messages(this.channel);
    if (scrollTop < NEAR_PX && oldest && this.store.isLoaded(this.channel) && this.store.hasOlder(this.channel)) this.#load(oldest.id);
  }

  #settle() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // One may have scrolled up already, and the browser be about to tell it.
    const left = scrollTop < this.top - NEAR_PX && scrollHeight - scrollTop - clientHeight >= NEAR_PX;
    if (this.pinned && !left) this.toBottom();
    else this.jumpButton.hidden = false;
  }

  toBottom() {
    this.pinned = true;
    this.jumpButton.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.top = this.scroller.scrollTop;
  }

  /** Go to a message, loading older ones until it is there. @returns {Promise<boolean>} whether it was found */
  async jump(id) {
    const channel = this.channel;
    await this.opened;
    for (let page = 0; page < JUMP_PAGES && this.channel === channel && !this.rows.has(id); page += 1) {
      const [oldest] = this.store.messages(channel);
      if (!oldest || !this.store.hasOlder(channel)) break;
      await this.#load(oldest.id);
    }
    if (this.channel !== channel) return true;
    const row = this.rows.get(id);
    if (!row) return false;
    this.pinned = false;
    row.element.scrollIntoView({ block: "center" });
    row.element.focus({ preventScroll: true });
    row.element.classList.add("found");
    row.element.addEventListener("animationend", () => row.element.classList.remove("found"), { once: true });
    return true;
  }

  #walk(event) {
    const article = event.target;
    if (!article.classList.contains("message") || event.altKey || event.ctrlKey || event.metaKey) return;
    const act = MESSAGE_KEYS[event.key.toLowerCase()];
    if (act) {
      event.preventDefault();
      this.rows.get(article.dataset.message)?.press(act);
      return;
    }
    const all = [...this.list.querySelectorAll(".message")];
    const at = all.indexOf(article);
    const next = all[{ ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key]];
    if (!next) return;
    event.preventDefault();
    article.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

function sameGroup(before, message) {
  const plain = !message.referenced_message && !message.message_snapshots && !message.interaction_metadata && !message.interaction;
  const near = new Date(message.timestamp) - new Date(before.timestamp) < GROUP_MS;
  return plain && near && before.author.id === message.author.id && before.author.username === message.author.username && (before.flags & 64) === (message.flags & 64);
}
