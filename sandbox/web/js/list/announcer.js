// What screen readers are told of new messages: once each, when a message that grows by edits has come to rest.

import { displayName, h } from "../base/dom.js";
import { namesFor } from "../text/names.js";
import { renderMarkdown } from "../text/render.js";
import { LOADING } from "../net/state.js";

const REST_MS = 1500; // without an edit: a reply's edits follow one another more closely
const LONGEST = 600; // characters

export class Announcer {
  /** @param {import("../net/state.js").Store} store */
  constructor(store) {
    this.store = store;
    this.waiting = new Map();
    this.element = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite", testid: "announcer" });
    document.body.append(this.element);
    store.on("messages", (detail) => this.#hear(detail));
    store.on("selection", () => this.#forget());
  }

  #hear({ channel, kind, message, id }) {
    if (channel !== this.store.selected.channel || kind === "page") return;
    if (kind === "remove") return this.#stop(id);
    const fresh = kind === "add" && message.author.id !== this.store.me.id;
    if (!fresh && !this.waiting.has(message.id)) return;
    clearTimeout(this.waiting.get(message.id));
    this.waiting.set(message.id, setTimeout(() => this.#tell(channel, message.id), REST_MS));
  }

  #tell(channel, id) {
    const message = this.store.message(channel, id);
    if (message && message.flags & LOADING) return; // what comes in its place is told
    this.#stop(id);
    if (!message) return;
    this.element.append(h("p", {}, `${displayName(this.store.member(message.author.id) ?? message.author)}: ${this.#words(message)}`));
    while (this.element.childElementCount > 5) this.element.firstElementChild.remove();
  }

  #words(message) {
    const names = namesFor(this.store, this.store.channels.get(message.channel_id), message, () => undefined);
    const text = renderMarkdown(message.content ?? "", names).textContent;
    const embeds = (message.embeds ?? []).map((embed) => [embed.title, embed.description].filter(Boolean).join(". "));
    const files = (message.attachments ?? []).map((one) => one.description || one.filename);
    return [text, ...embeds, ...files].filter(Boolean).join(" ").slice(0, LONGEST);
  }

  #stop(id) {
    clearTimeout(this.waiting.get(id));
    this.waiting.delete(id);
  }

  #forget() {
    for (const id of [...this.waiting.keys()]) this.#stop(id);
    this.element.replaceChildren();
  }
}
