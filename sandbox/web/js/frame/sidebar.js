// The left side: places (direct messages, guilds), the channels of one, and who one is.

import { avatar, displayName, fill, h, icon, iconButton } from "../base/dom.js";
import { channelMark } from "./header.js";
import { locale, t } from "../base/i18n.js";
import { mend } from "../base/mend.js";
import { theme } from "../base/preferences.js";
import { rove } from "../base/roving.js";
import { compareIds, HOME, isThread } from "../net/state.js";

const TEXT_CHANNELS = new Set([0, 2, 5, 13, 15, 16]);
const CATEGORY = 4;

export class Sidebar {
  /**
   * @param {HTMLElement} root
   * @param {import("../net/state.js").Store} store
   * @param {{open: (id: string) => void, become: (id: string) => void, talkToBot: () => void, theme: () => void, language: () => void}} actions
   */
  constructor(root, store, actions) {
    this.root = root;
    this.store = store;
    this.actions = actions;
    this.place = null;
    this.shown = "";
    this.rail = h("nav", { class: "rail" });
    this.list = h("nav", { class: "channels" });
    this.person = h("div", { class: "person" });
    fill(root, this.rail, h("div", { class: "sidebar-column" }, this.list, this.person));
    this.roveRail = rove(this.rail);
    this.roveList = rove(this.list);
    store.on("session", () => this.#followSelection());
    store.on("selection", () => this.#followSelection());
    store.on("places", () => this.render());
    store.on("unread", () => this.render());
  }

  #followSelection() {
    this.place = this.store.selected.place ?? this.store.guilds[0]?.id ?? HOME;
    this.render();
  }

  render() {
    if (!this.store.ready) return;
    const focus = document.activeElement?.closest("[data-key]")?.dataset.key;
    this.root.setAttribute("aria-label", t("places"));
    mend(this.rail, this.#rail());
    mend(this.list, this.#list());
    // Left alone while it says the same: a list that somebody has opened would close.
    const person = JSON.stringify([this.store.people, this.store.me.id, theme(), locale()]);
    if (person !== this.shown) fill(this.person, this.#person());
    this.shown = person;
    this.roveRail();
    this.roveList();
    if (focus) this.root.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
  }

  #rail() {
    const home = this.#place(HOME, t("directMessages"), icon("at"), this.store.dms.map((channel) => channel.id));
    const guilds = this.store.guilds.map((guild) =>
      this.#place(guild.id, guild.name, avatar(guild, "l"), guild.channels.map((channel) => channel.id)),
    );
    this.rail.setAttribute("aria-label", t("servers"));
    return [home, h("hr"), guilds];
  }

  #place(id, name, picture, channels) {
    const unread = channels.some((channel) => this.store.unread.has(channel));
    const mentions = channels.reduce((sum, channel) => sum + (this.store.unread.get(channel)?.mentions ?? 0), 0);
    return h(
      "button",
      {
        type: "button",
        class: `place${unread ? " has-unread" : ""}`,
        "aria-current": id === this.place ? "true" : null,
        "aria-label": unread ? `${name}, ${t("unread")}` : name,
        title: name,
        testid: "guild",
        "data-key": `place-${id}`,
        onclick: () => this.#show(id),
      },
      picture,
      mentions ? h("span", { class: "badge", "aria-hidden": "true" }, String(mentions)) : null,
    );
  }

  #show(id) {
    this.place = id;
    this.render();
  }

  #list() {
    const guild = this.store.guild(this.place);
    const title = guild ? guild.name : t("directMessages");
    this.list.setAttribute("aria-label", t("channelsOf", { name: title }));
    return [h("h2", { class: "channels-title" }, title), guild ? this.#guildChannels(guild) : this.#conversations()];
  }

  #guildChannels(guild) {
    const inOrder = [...guild.channels].sort((a, b) => (a.position ?? 0) - (b.position ?? 0) || compareIds(a.id, b.id));
    const categories = inOrder.filter((channel) => channel.type === CATEGORY);
    const under = (parent) =>
      inOrder.filter((channel) => TEXT_CHANNELS.has(channel.type) && (channel.parent_id ?? null) === parent).map((channel) => this.#withThreads(channel, inOrder));
    const loose = h("ul", {}, under(null));
    return [loose, categories.map((category) => [h("h3", { class: "category" }, category.name), h("ul", {}, under(category.id))])];
  }

  #withThreads(channel, all) {
    // Those that were closed are in the menu of threads above the messages.
    const open = (thread) => !thread.thread_metadata?.archived || thread.id === this.store.selected.channel;
    const threads = all.filter((other) => isThread(other) && other.parent_id === channel.id && open(other));
    const nested = threads.length ? h("ul", { class: "threads" }, threads.map((thread) => h("li", {}, this.#channel(thread, icon(channelMark(thread)), thread.name)))) : null;
    return h("li", {}, this.#channel(channel, icon(channelMark(channel)), channel.name), nested);
  }

  #conversations() {
    const items = this.store.dms.map((channel) => {
      const other = channel.recipients?.find((user) => user.id !== this.store.me.id) ?? this.store.bot;
      return h("li", {}, this.#channel(channel, avatar(other, "s"), channel.name || displayName(other)));
    });
    const bot = this.store.bot;
    const known = this.store.dms.some((channel) => channel.recipients?.some((user) => user.id === bot.id));
    if (!known) {
      const properties = { type: "button", class: "channel", testid: "dm-bot", "data-key": "dm-bot", onclick: this.actions.talkToBot };
      items.push(h("li", {}, h("button", properties, avatar(bot, "s"), h("span", { class: "channel-name" }, displayName(bot)))));
    }
    return h("ul", {}, items);
  }

  #channel(channel, mark, name) {
    const unread = this.store.unread.get(channel.id);
    return h(
      "button",
      {
        type: "button",
        class: `channel${unread ? " has-unread" : ""}`,
        "aria-current": channel.id === this.store.selected.channel ? "page" : null,
        testid: "channel",
        "data-channel": channel.id,
        "data-key": `channel-${channel.id}`,
        onclick: () => this.actions.open(channel.id),
      },
      mark,
      h("span", { class: "channel-name" }, name),
      unread?.mentions ? h("span", { class: "badge" }, String(unread.mentions)) : null,
      unread ? h("span", { class: "visually-hidden" }, t("unread")) : null,
    );
  }

  #person() {
    const select = h(
      "select",
      { class: "person-select", "aria-label": t("actAs"), testid: "person-switch", "data-key": "person", onchange: () => this.actions.become(select.value) },
      this.store.people.map((person) => h("option", { value: person.id, selected: person.id === this.store.me.id }, displayName(person))),
    );
    const dark = theme() === "dark";
    return [
      avatar(this.store.me, "m"),
      h("div", { class: "person-text" }, h("span", { class: "person-label", "aria-hidden": "true" }, t("actAs")), select),
      iconButton(dark ? "sun" : "moon", dark ? t("lightTheme") : t("darkTheme"), { testid: "theme-toggle", "data-key": "theme", onclick: this.actions.theme }),
      h(
        "button",
        { type: "button", class: "icon-button language", "aria-label": t("otherLanguage"), title: t("otherLanguage"), testid: "language-toggle", "data-key": "language", onclick: this.actions.language },
        locale() === "en-US" ? "中" : "EN",
      ),
    ];
  }
}
