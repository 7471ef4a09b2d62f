// The bar above the messages: where one is, and what can be opened from here.

import { displayName, fill, h, icon, iconButton } from "../base/dom.js";
import { locale, t } from "../base/i18n.js";
import { openMenu } from "../base/overlay.js";
import { ANNOUNCEMENT, compareIds, hasPosts, isThread, MEDIA, VOICE } from "../net/state.js";

/** The icon of a channel by its kind. */
export function channelMark(channel) {
  if (isThread(channel)) return channel.thread_metadata?.locked ? "lock" : "thread";
  if (channel.type === MEDIA) return "picture";
  if (hasPosts(channel)) return "forum";
  if (VOICE.has(channel.type)) return "voice";
  if (channel.type === ANNOUNCEMENT) return "news";
  return channel.guild_id ? "hash" : "at";
}

export class Header {
  /**
   * @param {HTMLElement} root
   * @param {import("../net/state.js").Store} store
   * @param {{drawer: () => void, open: (id: string) => void, startThread: () => void, settings: () => void}} actions
   */
  constructor(root, store, actions) {
    this.root = root;
    this.store = store;
    this.actions = actions;
    this.extras = []; // buttons that others put at the end
    this.drawerButton = null;
    this.says = "";
  }

  /** Draw what changed; left alone while it says the same, so that no click falls between two buttons. */
  render() {
    const { channel, me, bot } = this.store;
    if (!channel) return;
    const guild = this.store.guild();
    const other = channel.recipients?.find((user) => user.id !== me.id) ?? bot;
    const name = channel.name || displayName(other);
    const parent = isThread(channel) ? this.store.channels.get(channel.parent_id) : null;
    const threads = this.#threadsOf(channel);
    const { id, type, nsfw, topic, can } = channel;
    const entries = threads.map((one) => [one.id, one.name, one.thread_metadata?.archived]);
    const says = JSON.stringify([id, type, nsfw, topic, can, name, guild?.name, parent?.id, parent?.name, entries, locale()]);
    if (says === this.says) return;
    this.says = says;
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.drawerButton = iconButton("menu", t("openChannels"), { class: "icon-button drawer-button", testid: "drawer", onclick: this.actions.drawer });
    fill(
      this.root,
      this.drawerButton,
      parent ? h("button", { type: "button", class: "header-parent", testid: "header-parent", onclick: () => this.actions.open(parent.id) }, `#${parent.name}`) : null,
      parent ? h("span", { class: "header-step", "aria-hidden": "true" }, "›") : null,
      icon(channelMark(channel)),
      h("h1", {}, name),
      channel.nsfw ? h("span", { class: "header-mark" }, t("ageRestricted")) : null,
      channel.topic ? h("p", { class: "topic", title: channel.topic }, channel.topic) : null,
      h("span", { class: "header-room" }),
      guild && !isThread(channel) && !hasPosts(channel) ? this.#threads(channel, threads) : null,
      iconButton("gear", t("settings"), { testid: "settings", onclick: this.actions.settings }),
      this.extras,
    );
    if (focused) (focused.isConnected ? focused : this.root.querySelector(`[data-testid="${CSS.escape(focused.dataset.testid)}"]`))?.focus();
    document.title = `${guild ? "#" : ""}${name} · ${guild?.name ?? t("directMessages")}`;
  }

  #threadsOf(channel) {
    return [...this.store.channels.values()].filter((one) => isThread(one) && one.parent_id === channel.id).sort((a, b) => compareIds(b.id, a.id));
  }

  /** The threads of this channel, those that were closed too, and a new one. */
  #threads(channel, all) {
    const entry = (thread) => ({ label: thread.name, act: () => this.actions.open(thread.id) });
    const [open, closed] = [false, true].map((archived) => all.filter((one) => Boolean(one.thread_metadata?.archived) === archived).map(entry));
    const entries = [
      channel.can?.threads ? { label: t("newThread"), act: this.actions.startThread } : null,
      open.length ? { label: t("openThreads") } : null,
      ...open,
      closed.length ? { label: t("closedThreads") } : null,
      ...closed,
    ].filter(Boolean);
    if (!entries.length) return null;
    const button = iconButton("thread", t("threads"), { testid: "threads", "aria-haspopup": "menu", onclick: () => openMenu(button, t("threads"), entries) });
    return button;
  }
}
