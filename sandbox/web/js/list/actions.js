// What can be done with a message that stands in the list.

import { displayName } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { askForPost } from "./forum.js";
import { fromWire, toWire } from "../text/mentions.js";
import { confirmDialog, openMenu, promptDialog, toast } from "../base/overlay.js";
import { commandLabel } from "./row.js";
import { hasPosts, MEDIA } from "../net/state.js";

const MESSAGE_COMMAND = 3;
const USER_COMMAND = 2;
const THREAD_NAME_CHARACTERS = 100;
const CHANNEL_NAME_CHARACTERS = 200;
const REACTIONS = ["👍", "❤️", "😂", "🎉"];

export class MessageActions {
  /** @param {object} page see main.js */
  constructor(page) {
    this.page = page;
    this.store = page.store;
    this.openChannel = (id) => page.open(id);
    this.openPlace = (channel, message) => this.#openPlace(channel, message);
  }

  get #api() {
    return this.page.api;
  }

  async jump(id) {
    if (!(await this.page.timeline.jump(id))) toast(t("notFound"));
  }

  #openPlace(channel, message) {
    if (channel !== this.store.selected.channel) this.page.open(channel);
    if (message) this.jump(message);
  }

  reply(message) {
    this.page.composer.reply(message);
  }

  /** A message's text as one edits it, with names in place of ids. */
  plain(content) {
    return fromWire(content, this.store);
  }

  async edit(message, text) {
    if (!text) return false;
    const content = toWire(text, this.store);
    if (content === message.content) return true;
    return Boolean(await this.page.attempt(() => this.#api.edit(message.channel_id, message.id, content)));
  }

  /** Start editing one's newest message here. @returns {boolean} whether there is one */
  editLast() {
    const mine = this.store.messages(this.store.selected.channel).filter((message) => message.author.id === this.store.me.id).at(-1);
    const row = mine && this.page.timeline.rows.get(mine.id);
    row?.edit();
    return Boolean(row);
  }

  async remove(message) {
    const yes = await confirmDialog(t("deleteTitle"), t("deleteWords", { name: displayName(message.author) }), t("delete"));
    if (yes) await this.page.attempt(() => this.#api.remove(message.channel_id, message.id));
  }

  async react(message, emoji, remove) {
    await this.page.attempt(() => this.#api.react(message.channel_id, message.id, emoji, remove));
  }

  async vote(message, answer, remove) {
    await this.page.attempt(() => this.#api.vote(message.channel_id, message.id, answer, remove));
  }

  async forward(message) {
    const to = await promptDialog(t("forward"), t("forwardTo"), t("forward"), { max: CHANNEL_NAME_CHARACTERS });
    if (to) await this.page.attempt(() => this.#api.forward(message.channel_id, message.id, to.replace(/^#/, "")));
  }

  /** Press a button or choose in a select of a message; a button does nothing while nothing came of a press before. */
  async act(message, customId, values) {
    const { interactions } = this.page;
    const before = interactions.on(message.id);
    if (before?.state === "sent" && before.seen === message && !values) return;
    if (before) interactions.dismiss(before.id);
    const body = { channel: message.channel_id, message: message.id, component: customId, ...(values ? { values } : {}) };
    await interactions.start(body, { channel: message.channel_id, label: t("button"), message: message.id, component: customId, seen: message });
  }

  dismiss(interactionId) {
    this.page.interactions.dismiss(interactionId);
  }

  async startThread(message) {
    const channel = this.store.selected.channel;
    if (hasPosts(this.store.channel)) return this.#startPost(channel);
    const name = await promptDialog(t("newThread"), t("threadName"), t("create"), { max: THREAD_NAME_CHARACTERS });
    if (!name) return undefined;
    const thread = await this.page.attempt(() => this.#api.thread(channel, name, message?.id ?? null));
    if (thread) await this.page.openWhenKnown(thread.id);
    return undefined;
  }

  async #startPost(channel) {
    const post = await askForPost({ picture: this.store.channel.type === MEDIA });
    const thread = post && (await this.page.attempt(() => this.#api.post(channel, post)));
    if (thread) await this.page.openWhenKnown(thread.id);
  }

  /** The menu of a message: reactions, its text, a thread, the bot's commands on messages and people. */
  async menu(message, anchor) {
    const channel = this.store.channel;
    const apps = await this.#apps(channel, [MESSAGE_COMMAND, USER_COMMAND]);
    if (!apps) return;
    const reactions = channel.can?.react === false ? [] : REACTIONS;
    const entries = reactions.map((emoji) => ({ label: t("reactWith", { emoji }), act: () => this.react(message, emoji, false) }));
    if (message.content) entries.push({ label: t("copyText"), act: () => this.#copy(message.content) });
    entries.push({ label: t("forward"), act: () => this.forward(message) });
    if (channel.can?.threads) entries.push({ label: t("threadFrom"), act: () => this.startThread(message) });
    if (apps.length) entries.push({ label: t("apps") }, ...apps.map((command) => ({ label: commandLabel(command), act: () => this.#use(command, message) })));
    openMenu(anchor, t("messageActions"), entries);
  }

  /** The menu of a person: who it is, talking to them, the bot's commands on people. */
  async person(user, anchor) {
    const { channel } = this.store;
    const apps = await this.#apps(channel, [USER_COMMAND]);
    if (!apps) return;
    const member = this.store.member(user.id) ?? user;
    const roles = (this.store.guild()?.roles ?? []).filter((role) => member.roles?.includes(role.id)).map((role) => role.name);
    const entries = [{ label: [`@${user.username}`, ...roles].join(" · ") }, { label: t("mention"), act: () => this.page.composer.mention(displayName(member)) }];
    if (user.id !== this.store.me.id) entries.push({ label: t("sendDirect"), act: () => this.page.talkTo(user.id) });
    entries.push({ label: t("copyId"), act: () => this.#copy(user.id) });
    if (apps.length) entries.push({ label: t("apps") }, ...apps.map((command) => ({ label: commandLabel(command), act: () => this.#run(command, user.id) })));
    openMenu(anchor, displayName(member), entries);
  }

  /** The bot's commands of some kinds; null where one turned to something else while they were asked for. */
  async #apps(channel, kinds) {
    const focused = document.activeElement;
    const asked = (this.asked = {});
    const answer = await this.page.attempt(() => this.#api.commands(channel.id));
    if (asked !== this.asked || focused !== document.activeElement) return null;
    return (answer?.commands ?? []).filter((command) => kinds.includes(command.type));
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast(t("copied"), "notice");
    } catch {
      toast(t("copyRefused"));
    }
  }

  async #use(command, message) {
    const target = command.type === USER_COMMAND ? message.author.id : message.id;
    await this.#run(command, target);
  }

  async #run(command, target) {
    const channel = this.store.selected.channel;
    await this.page.interactions.start({ channel, command: command.name, options: {}, target }, { channel, label: commandLabel(command) });
  }
}
