// Where a person writes: text with completion, files, an answer to a message, and slash commands.

import { append, avatar, displayName, fill, h, icon, iconButton } from "../base/dom.js";
import { CommandForm } from "./command.js";
import { Completion } from "./completion.js";
import { findCommand, flatten, localizedPath, matching } from "./commands.js";
import { locale, localized, t } from "../base/i18n.js";
import { offerMore } from "./more.js";
import { mentionableRoles, toWire } from "../text/mentions.js";
import { toast } from "../base/overlay.js";
import { hasPosts } from "../net/state.js";
import { shortTime } from "../base/time.js";

const MOST_CHARACTERS = 2000; // Discord's limit on content
const MOST_FILES = 10;
const TYPING_EVERY_MS = 8000;

export class Composer {
  /**
   * @param {HTMLElement} root
   * @param {import("../net/state.js").Store} store
   * @param {object} links {say(message), post(call, body), typing(), commands(channel), run(body, label, files), autocomplete(body)};
   *   `say` and `run` resolve to whether it was taken, `commands` to null where they are not told
   */
  constructor(root, store, links) {
    this.root = root;
    this.store = store;
    this.links = links;
    this.drafts = new Map(); // person and channel -> what is typed there
    this.place = null; // person, channel, language and rights that the field is of
    this.commands = [];
    this.learning = null; // the commands that are being asked for
    this.learned = null; // settles once they are there
    this.files = [];
    this.replyTo = null;
    this.form = null;
    this.lastTyping = 0;
    this.channelId = null;
    store.on("selection", () => this.#enter());
    store.on("session", () => this.store.channel ?? this.#enter()); // else it is selected anew
    for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => this.#dragged(event));
  }

  /** Take files that are dropped anywhere on the page: the browser would leave it to show them. */
  #dragged(event) {
    if (!event.dataTransfer?.types.includes("Files") || event.target.closest?.("input[type=file]")) return;
    event.preventDefault();
    if (event.type === "drop" && !document.querySelector("dialog[open]")) this.#attach([...event.dataTransfer.files]);
  }

  #enter() {
    this.channelId = this.store.selected.channel;
    const place = JSON.stringify([this.#draft, locale(), this.store.channel?.can]);
    // After the connection was lost one is where one was: what was begun goes on.
    if (place !== this.place) {
      this.place = place;
      this.commands = [];
      this.replyTo = null;
      this.files = [];
      this.form = null;
      this.render();
    }
    this.learned = this.channelId ? this.#learnCommands() : null;
  }

  /** Under what the text that is typed here is kept. */
  get #draft() {
    return `${this.store.me?.id} ${this.channelId}`;
  }

  async #learnCommands() {
    const asked = this.links.commands(this.channelId);
    this.learning = asked;
    const found = await asked;
    if (asked !== this.learning) return; // those of another place are asked for since
    this.learning = null;
    const commands = found ? flatten(found) : this.commands;
    if (JSON.stringify(commands) === JSON.stringify(this.commands)) return;
    this.commands = commands;
    // What was typed before they were known.
    if (!this.form && this.input?.value.startsWith("/") && this.root.contains(document.activeElement)) this.#complete();
  }

  render() {
    const channel = this.store.channel;
    if (!channel) return fill(this.root);
    if (hasPosts(channel) && channel.can?.threads) return fill(this.root, h("button", { type: "button", class: "button button-primary new-post", testid: "new-post", onclick: () => this.links.startPost() }, icon("plus"), t("newPost")));
    if (channel.can?.send === false) return fill(this.root, h("p", { class: "composer-closed", testid: "composer-closed" }, this.#closedWords(channel)));
    const before = this.input;
    const focused = before && document.activeElement === before;
    const name = channel.guild_id ? `#${channel.name}` : channel.name || displayName(channel.recipients?.find((user) => user.id !== this.store.me.id) ?? this.store.bot);
    this.top = h("div", { class: "composer-top" });
    this.input = h("textarea", {
      class: "composer-input", id: "composer-input", rows: "1", placeholder: t("messageTo", { name }), "aria-label": t("messageTo", { name }),
      "aria-autocomplete": "list", "aria-haspopup": "listbox", autocomplete: "off", testid: "composer-input", value: this.drafts.get(this.#draft) ?? "",
      oninput: () => this.#changed(), onkeydown: (event) => this.#key(event), onblur: () => this.completion.hide(), onpaste: (event) => this.#pasted(event),
    });
    this.counter = h("span", { class: "composer-counter", "aria-live": "polite" });
    const picker = h("input", { type: "file", multiple: true, class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", testid: "file-input", onchange: () => (this.#attach([...picker.files]), (picker.value = "")) });
    const attach = channel.can?.attach === false ? null : () => picker.click();
    const more = iconButton("plus", t("addMore"), { testid: "add-more", "aria-haspopup": "menu", onclick: () => offerMore(more, { attach, post: (call, body) => this.links.post(call, body) }) });
    const send = iconButton("send", t("send"), { class: "icon-button send", testid: "send", onclick: () => this.send() });
    const holder = h("div", { class: "completion-holder" });
    this.completion = new Completion(holder);
    fill(this.root, holder, this.top, h("div", { class: "composer-row" }, more, picker, this.input, this.counter, send));
    this.#renderTop();
    this.#grow();
    if (focused) {
      this.input.focus();
      this.input.setSelectionRange(before.selectionStart, before.selectionEnd);
    }
  }

  /** Why one may not write here. */
  #closedWords(channel) {
    if (channel.thread_metadata?.locked) return t("threadLocked");
    const until = this.store.member(this.store.me.id, channel)?.communication_disabled_until;
    if (until && new Date(until) > new Date()) return t("timedOut", { time: shortTime(new Date(until)) });
    return t("maySendNot");
  }

  focus() {
    (this.form ?? this.input ?? this.root.querySelector("button"))?.focus();
  }

  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 240)}px`;
    const left = MOST_CHARACTERS - this.input.value.length;
    this.counter.textContent = left < 200 ? String(left) : "";
    this.counter.classList.toggle("over", left < 0);
  }

  #changed() {
    this.drafts.set(this.#draft, this.input.value);
    this.#grow();
    // A bot that started after the page may have brought other commands.
    if (this.input.value === "/" && !this.learning) this.learned = this.#learnCommands();
    const now = Date.now();
    if (this.input.value && now - this.lastTyping > TYPING_EVERY_MS && !this.input.value.startsWith("/")) {
      this.lastTyping = now;
      this.links.typing();
    }
    this.#complete();
  }

  #complete() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    const command = /^\/([^\n]*)$/.exec(before);
    if (command) return this.#completeCommand(command[1]);
    const word = /(?:^|[\s(])([@#])([^\s@#]{0,32})$/.exec(before);
    if (!word) return this.completion.hide();
    const found = word[1] === "@" ? this.#people(word[2]) : this.#channels(word[2]);
    const label = word[1] === "@" ? t("people") : t("channels");
    const items = found.map(({ name, detail, mark }) => ({ title: name, detail, mark, pick: () => this.#insert(word[2].length + 1, `${word[1]}${name} `) }));
    this.completion.show(this.input, label, items);
  }

  #people(part) {
    const wanted = part.toLowerCase();
    const people = this.store
      .membersOf(this.store.channel)
      .filter((user) => user && [displayName(user), user.username].some((name) => name?.toLowerCase().startsWith(wanted)))
      .sort((a, b) => Number(b.bot ?? false) - Number(a.bot ?? false))
      .map((user) => ({ name: displayName(user), detail: user.username, mark: avatar(user, "s") }));
    const roles = mentionableRoles(this.store).filter((role) => role.name.toLowerCase().startsWith(wanted));
    return [...people, ...roles.map((role) => ({ name: role.name, detail: t("role"), mark: icon("people") }))];
  }

  #channels(part) {
    const guild = this.store.guild();
    return (guild?.channels ?? []).filter((channel) => channel.type !== 4 && channel.name.startsWith(part.toLowerCase())).map((channel) => ({ name: channel.name, mark: icon("hash") }));
  }

  #insert(typed, text) {
    const end = this.input.selectionStart;
    this.input.setRangeText(text, end - typed, end, "end");
    this.#changed();
  }

  #completeCommand(typed) {
    const exact = findCommand(this.commands, typed);
    if (exact) return this.useCommand(exact.command, exact.rest);
    const items = matching(this.commands, typed).map((command) => ({
      title: `/${localizedPath(command)}`, detail: localized(command.leaf, "description"), mark: avatar(this.store.bot, "s"), pick: () => this.useCommand(command, ""),
    }));
    return this.completion.show(this.input, t("commands"), items);
  }

  /** Show the fields of a command; `rest` goes into the first text option. */
  useCommand(command, rest) {
    this.completion.hide();
    this.form = new CommandForm(command, {
      store: this.store,
      completion: this.completion,
      autocomplete: (options, focused) => this.links.autocomplete({ channel: this.channelId, command: command.path, options, focused }),
      cancel: () => this.#closeForm(),
      submit: (options, files) => this.#run(command, options, files),
    });
    this.drafts.delete(this.#draft);
    fill(this.root.querySelector(".composer-row"), this.form.element);
    this.root.querySelector(".composer-row").classList.add("has-form");
    this.form.start(rest);
  }

  async #run(command, options, files) {
    const { form } = this;
    const body = { channel: this.channelId, command: command.path, options };
    const taken = await this.links.run(body, `/${localizedPath(command)}`, files);
    if (taken && form === this.form) this.#closeForm();
  }

  #closeForm() {
    // One may be elsewhere already when the command is taken.
    const here = this.root.contains(document.activeElement) || document.activeElement === document.body;
    this.form = null;
    this.render();
    if (here) this.input.focus();
  }

  /** Answer a message; the mark above the field says to whom. */
  reply(message) {
    this.replyTo = { message, ping: true };
    this.#renderTop();
    this.focus();
  }

  /** Put a person's name at the cursor. */
  mention(name) {
    this.focus();
    if (this.input?.isConnected) this.#insert(0, `@${name} `);
  }

  #renderTop() {
    fill(this.top);
    if (this.replyTo) {
      const { message } = this.replyTo;
      const ping = h("button", { type: "button", class: "text-button", "aria-pressed": String(this.replyTo.ping), onclick: () => ((this.replyTo.ping = !this.replyTo.ping), this.#renderTop()) }, this.replyTo.ping ? t("pingOn") : t("pingOff"));
      const stop = iconButton("close", t("cancelReply"), { onclick: () => ((this.replyTo = null), this.#renderTop()) });
      const author = this.store.member(message.author.id) ?? message.author;
      append(this.top, h("div", { class: "replying", testid: "replying" }, h("span", {}, t("replyingTo", { name: displayName(author) })), ping, stop));
    }
    const chips = this.files.map((file, n) => h("li", { class: "file-chip" }, icon("file"), h("span", {}, file.name), iconButton("close", t("removeFile", { name: file.name }), { onclick: () => (this.files.splice(n, 1), this.#renderTop()) })));
    if (chips.length) this.top.append(append(h("ul", { class: "file-chips" }), chips));
  }

  #attach(files) {
    if (!files.length || !this.top?.isConnected || this.store.channel.can?.attach === false) return;
    this.files = [...this.files, ...files].slice(0, MOST_FILES);
    this.#renderTop();
  }

  /** Take what is pasted: files, and a text longer than a message as one, as Discord's client does. */
  #pasted(event) {
    const files = [...event.clipboardData.files];
    const text = event.clipboardData.getData("text");
    const long = text.length > MOST_CHARACTERS && !files.length && this.store.channel.can?.attach !== false;
    if (long) event.preventDefault();
    this.#attach(long ? [new File([text], "message.txt", { type: "text/plain" })] : files);
  }

  #key(event) {
    if (this.completion.key(event) || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && this.replyTo) {
      this.replyTo = null;
      this.#renderTop();
    } else if (event.key === "ArrowUp" && !event.altKey && !this.input.value) {
      if (this.links.editLast()) event.preventDefault();
    }
  }

  async send() {
    const channel = this.store.channel;
    const text = this.input.value.trim();
    if (!text && !this.files.length) return undefined;
    const content = toWire(text, this.store);
    if (content.length > MOST_CHARACTERS) return toast(t("tooLong", { max: MOST_CHARACTERS, now: content.length }));
    if (text.startsWith("/") && this.learning && !this.commands.length) return this.#sendWhenKnown(text);
    const place = this.#draft;
    const draft = { text, files: this.files, replyTo: this.replyTo };
    const message = { channel: channel.id, content, replyTo: draft.replyTo?.message.id, ping: draft.replyTo?.ping ?? true, files: draft.files };
    // Emptied at once: the message may be shown, and the next key pressed, before its sending is answered.
    this.#take({ text: "", files: [], replyTo: null });
    this.lastTyping = 0;
    let taken = false;
    try {
      taken = await this.links.say(message);
    } finally {
      if (!taken) this.#giveBack(place, draft);
    }
    return undefined;
  }

  /** Send what may be a command once that is known, if it is none. */
  async #sendWhenKnown(text) {
    const place = this.#draft;
    await this.learned;
    const waits = place === this.#draft && text === this.input.value.trim() && !this.form && !this.completion.open;
    if (waits) await this.send();
  }

  /** Put back what was not sent, before what was typed meanwhile. */
  #giveBack(place, draft) {
    const text = [draft.text, this.drafts.get(place)].filter(Boolean).join("\n");
    if (place !== this.#draft) this.drafts.set(place, text);
    else this.#take({ text, files: [...draft.files, ...this.files].slice(0, MOST_FILES), replyTo: this.replyTo ?? draft.replyTo });
  }

  #take({ text, files, replyTo }) {
    const after = this.input.value.length - this.input.selectionEnd; // the cursor stays before what it is before
    this.input.value = text;
    this.input.setSelectionRange(Math.max(0, text.length - after), Math.max(0, text.length - after));
    this.drafts.set(this.#draft, text);
    this.files = files;
    this.replyTo = replyTo;
    this.#renderTop();
    this.#grow();
  }
}
