// One message in the list. Parts that did not change are left alone, so that a reply that grows by edits neither
// flickers nor takes the focus away.

import { append, avatar, displayName, fill, h, icon, iconButton } from "../base/dom.js";
import { localized, t } from "../base/i18n.js";
import { usedLabel } from "../compose/commands.js";
import { renderComponents } from "./components.js";
import { renderEmbed } from "./embeds.js";
import { renderAttachments } from "./media.js";
import { FORWARD, previewWords, renderForward, renderPoll, renderPollResult, renderStickers } from "./posts.js";
import { rove } from "../base/roving.js";
import { renderMarkdown } from "../text/render.js";
import { COMPONENTS_V2, EPHEMERAL, LOADING } from "../net/state.js";
import { dateTime, shortTime } from "../base/time.js";
import { namesFor } from "../text/names.js";

const REPLY_TYPE = 19;
const NOTICES = { 6: "pinned", 7: "joined", 18: "startedThread", 21: "threadStarter", 46: "pollEnded" };

export class Row {
  /**
   * @param {import("../net/state.js").Store} store
   * @param {object} actions see Timeline
   */
  constructor(store, message, actions) {
    this.store = store;
    this.actions = actions;
    this.keys = {};
    this.editing = false;
    this.parts = {};
    for (const part of ["reply", "used", "head", "forward", "body", "poll", "media", "embeds", "components", "failed", "reactions", "foot"]) this.parts[part] = h("div", { class: `part-${part}` });
    this.picture = h("div", { class: "message-avatar" });
    this.toolbar = h("div", { class: "message-tools", role: "toolbar" });
    this.rove = rove(this.toolbar, { forward: "ArrowRight", back: "ArrowLeft" });
    const column = h("div", { class: "message-column" }, Object.values(this.parts));
    this.element = h("article", { class: "message", tabindex: "-1", testid: "message", "data-message": message.id }, this.picture, column, this.toolbar);
    this.update(message);
  }

  /** Take over the message as it now stands. */
  update(message) {
    this.message = message;
    this.channel = this.store.channels.get(message.channel_id);
    this.names = namesFor(this.store, this.channel, message, this.actions.openPlace);
    this.element.classList.toggle("own", message.author.id === this.store.me.id);
    this.element.classList.toggle("ephemeral", Boolean(message.flags & EPHEMERAL));
    this.element.classList.toggle("mentions-me", (message.mentions ?? []).some((user) => user.id === this.store.me.id));
    this.element.setAttribute("aria-label", t("messageBy", { name: displayName(this.#author()), time: shortTime(new Date(message.timestamp)) }));
    this.#part("reply", [message.message_reference, message.referenced_message], () => this.#reply());
    this.#part("used", [message.interaction, message.interaction_metadata, usedLabel(this.store.commands, message)], () => this.#used());
    this.#part("head", [message.author, message.timestamp], () => this.#head());
    if (!this.editing) this.#part("body", [message.content, message.edited_timestamp, message.type, message.flags], () => this.#body());
    this.#part("forward", message.message_snapshots, () => renderForward(message, { ...this.#around(), act: null }, this.actions.openPlace));
    this.#part("poll", [message.poll, message.sticker_items], () => [renderStickers(message.sticker_items), message.poll ? renderPoll(message.poll, (answer, remove) => this.actions.vote(this.message, answer, remove)) : null]);
    this.#part("media", message.flags & COMPONENTS_V2 ? [] : message.attachments.map(({ id, description, filename }) => [id, description, filename]), () => this.#media());
    this.#part("embeds", message.embeds, () => (message.embeds ?? []).map((embed) => (embed.type === "poll_result" ? renderPollResult(embed) : renderEmbed(embed, this.names))));
    this.#part("components", [message.components, (message.attachments ?? []).map((one) => one.id)], () => this.#components());
    if (this.working) this.work(this.working);
    this.#part("reactions", message.reactions ?? [], () => this.#reactions());
    this.#part("foot", [message.flags & EPHEMERAL], () => this.#foot());
    this.#part("tools", [message.author.id, message.flags, this.channel?.can], () => this.#tools());
  }

  /** Tell how what was pressed on this message stands. @param {object | null} one see Interactions.on */
  work(one) {
    const custom = one?.state === "sent" ? one.component : null;
    for (const element of this.parts.components.querySelectorAll(".working")) this.#mark(element, false);
    const pressed = custom && this.parts.components.querySelector(`[data-custom-id="${CSS.escape(custom)}"]`);
    if (pressed) this.#mark(pressed, true);
    this.working = one;
    this.#part("failed", one?.state === "failed" ? [one.id, one.error] : null, () => (one?.state === "failed" ? this.#failed(one) : null));
  }

  #mark(element, on) {
    element.classList.toggle("working", on);
    const control = element.matches("button") ? element : element.querySelector("button");
    control.setAttribute("aria-busy", String(on));
  }

  #failed({ id, error }) {
    const dismiss = h("button", { type: "button", class: "text-button", onclick: () => this.actions.dismiss(id) }, t("dismiss"));
    return h("p", { class: "failed", role: "alert", testid: "interaction-failed" }, t("interactionFailed"), " ", error, " · ", dismiss);
  }

  #part(name, value, build) {
    const key = JSON.stringify(value ?? null, unsigned);
    if (this.keys[name] === key) return;
    this.keys[name] = key;
    const holder = this.parts[name] ?? this.toolbar;
    const focused = holder.contains(document.activeElement) ? document.activeElement.closest("[data-custom-id]")?.dataset.customId : null;
    fill(holder, build());
    if (holder === this.toolbar) this.rove();
    if (focused) {
      const again = holder.querySelector(`[data-custom-id="${CSS.escape(focused)}"]`);
      (again?.matches("button") ? again : again?.querySelector("button"))?.focus();
    }
  }

  #author() {
    return this.store.member(this.message.author.id, this.channel) ?? this.message.author;
  }

  #reply() {
    const { message } = this;
    if (message.message_reference?.type === FORWARD) return null;
    if (message.type !== REPLY_TYPE && !(message.message_reference && message.referenced_message)) return null;
    const reference = message.message_reference;
    const original = message.referenced_message ?? (reference && this.store.message(reference.channel_id, reference.message_id));
    if (!original) return h("span", { class: "reply-preview" }, icon("reply"), h("em", {}, t("originalDeleted")));
    const words = previewWords(original, this.names);
    const pinged = (message.mentions ?? []).some((user) => user.id === original.author.id) ? "@" : "";
    const properties = { type: "button", class: "reply-preview", title: t("goToOriginal"), onclick: () => this.actions.jump(original.id) };
    const author = this.store.member(original.author.id, this.channel) ?? original.author;
    const preview = h("button", properties, icon("reply"), avatar(author, "xs"), h("strong", {}, `${pinged}${displayName(author)}`), " ", h("span", { class: "reply-words", inert: true }, words));
    preview.setAttribute("aria-label", `${t("goToOriginal")}: ${preview.textContent}`); // what is inert would not be read
    return preview;
  }

  #used() {
    const used = this.message.interaction ?? this.message.interaction_metadata;
    const label = usedLabel(this.store.commands, this.message);
    if (!used?.user || !label) return null;
    const person = this.store.member(used.user.id, this.channel) ?? used.user;
    return h("span", { class: "reply-preview", testid: "used" }, icon("reply"), avatar(person, "xs"), h("strong", {}, displayName(person)), t("used"), h("span", { class: "mention" }, label));
  }

  #head() {
    const author = this.#author();
    const date = new Date(this.message.timestamp);
    fill(this.picture, avatar(author, "m"));
    return [
      // Not a stop for Tab: the message's own menu offers the same.
      h("button", { type: "button", class: "author", tabindex: "-1", "aria-haspopup": "menu", testid: "author", onclick: (event) => this.actions.person(this.message.author, event.currentTarget) }, displayName(author)),
      this.message.author.bot ? h("span", { class: "app-tag" }, t("app")) : null,
      h("time", { datetime: date.toISOString(), title: dateTime(date) }, shortTime(date)),
    ];
  }

  #body() {
    const { message } = this;
    if (message.flags & LOADING) return h("p", { class: "thinking", testid: "thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), t("thinking", { name: displayName(this.#author()) }));
    if (NOTICES[message.type]) return h("p", { class: "notice" }, t(NOTICES[message.type], { name: displayName(this.#author()), what: message.content }));
    if (!message.content) return null;
    const body = h("div", { testid: "message-content" }, renderMarkdown(message.content, this.names));
    if (message.edited_timestamp) {
      const last = body.firstChild.lastElementChild;
      append(last?.tagName === "P" ? last : body, h("span", { class: "edited", title: dateTime(new Date(message.edited_timestamp)) }, t("edited")));
    }
    return body;
  }

  #media() {
    const { message } = this;
    if (message.flags & COMPONENTS_V2) return null;
    const used = (message.embeds ?? []).flatMap((embed) => [embed.image?.url, embed.thumbnail?.url, embed.author?.icon_url, embed.footer?.icon_url]);
    const embedded = new Set(used.map((address) => address?.split("?")[0])); // signatures differ
    const loose = (message.attachments ?? []).filter((one) => !embedded.has(one.url.split("?")[0]));
    return renderAttachments(loose, this.names);
  }

  #components() {
    const act = (customId, values) => this.actions.act(this.message, customId, values);
    return renderComponents(this.message.components ?? [], { ...this.#around(), act });
  }

  #around() {
    const { message, store, channel, names } = this;
    return { store, message, channel, names };
  }

  #reactions() {
    return (this.message.reactions ?? []).map((reaction) =>
      h("button", { type: "button", class: "reaction", "aria-pressed": String(Boolean(reaction.me)), onclick: () => this.actions.react(this.message, reaction.emoji.name, reaction.me) }, `${reaction.emoji.name} ${reaction.count}`),
    );
  }

  #foot() {
    if (!(this.message.flags & EPHEMERAL)) return null;
    const dismiss = h("button", { type: "button", class: "text-button", onclick: () => this.store.dismiss(this.message.channel_id, this.message.id) }, t("dismiss"));
    return h("p", { class: "only-you", testid: "ephemeral" }, icon("eye"), t("onlyYou"), " · ", dismiss);
  }

  #tools() {
    const { message, actions, channel } = this;
    this.toolbar.setAttribute("aria-label", t("messageActions"));
    if (message.flags & EPHEMERAL) return null;
    const own = message.author.id === this.store.me.id;
    return [
      channel?.can?.send === false ? null : iconButton("reply", t("reply"), { testid: "reply", onclick: () => actions.reply(message) }),
      own ? iconButton("edit", t("edit"), { testid: "edit", onclick: () => this.edit() }) : null,
      iconButton("more", t("more"), { testid: "more", "aria-haspopup": "menu", onclick: (event) => actions.menu(message, event.currentTarget) }),
      own || channel?.can?.manage_messages ? iconButton("trash", t("delete"), { testid: "delete", class: "icon-button danger", onclick: () => actions.remove(message) }) : null,
    ];
  }

  /** Use a tool of this message, if it is there. @param {string} name its test id */
  press(name) {
    this.toolbar.querySelector(`[data-testid=${name}]`)?.click();
  }

  /** Turn the text into a field: Enter saves, Escape leaves it as it was. */
  edit() {
    if (this.editing) return;
    this.editing = true;
    const field = h("textarea", { class: "edit-field", "aria-label": t("editMessage"), testid: "edit-field", rows: "2", value: this.actions.plain(this.message.content) });
    let saving = false;
    const done = () => {
      if (!field.isConnected) return; // it was left while it was being saved
      const focused = this.element.contains(document.activeElement);
      this.editing = false;
      this.keys.body = null;
      this.update(this.message);
      if (focused) this.element.focus();
    };
    const save = async () => {
      if (saving) return;
      saving = true;
      const saved = await this.actions.edit(this.message, field.value.trim());
      saving = false;
      if (saved) done();
    };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") done();
      else if (event.key === "Enter" && !event.shiftKey) save();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const saveButton = h("button", { type: "button", class: "text-button", onclick: save }, t("save"));
    const cancel = h("button", { type: "button", class: "text-button", onclick: done }, t("cancel"));
    fill(this.parts.body, field, h("p", { class: "edit-hint" }, t("editHint"), " ", cancel, " · ", saveButton));
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }
}

// Addresses of files carry a fresh signature each time: a picture that stays is not to be loaded anew for that.
function unsigned(_key, value) {
  return typeof value === "string" && /^https?:\/\/\S+\?/.test(value) ? value.split("?")[0] : value;
}

/** The name of a command for a person, with its kind's mark. */
export function commandLabel(command) {
  return command.type && command.type !== 1 ? localized(command, "name") : `/${localized(command, "name")}`;
}
