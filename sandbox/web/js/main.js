// The page's start: makes the parts and ties them to one another. The state is in state.js, the parts draw it.

import { Api, ApiError, EventStream } from "./net/api.js";
import { MessageActions } from "./list/actions.js";
import { Composer } from "./compose/composer.js";
import { Announcer } from "./list/announcer.js";
import { DemoChip } from "./frame/demo-chip.js";
import { Header } from "./frame/header.js";
import { locale, otherLocale, setLocale, t } from "./base/i18n.js";
import { Interactions } from "./net/interactions.js";
import { listenForKeys } from "./frame/keyboard.js";
import { showModal } from "./compose/modal.js";
import { namesFor } from "./text/names.js";
import { toast } from "./base/overlay.js";
import { Panel } from "./panel/drawer.js";
import { recall, remember, startTheme, toggleTheme } from "./base/preferences.js";
import { refusalWords } from "./net/refusals.js";
import { openSettings } from "./frame/settings.js";
import { Sidebar } from "./frame/sidebar.js";
import { Store } from "./net/state.js";
import { Timeline } from "./list/timeline.js";

const FIRST_PERSON = "alice"; // of the world as it begins
const RELOAD_MS = 150; // structural events come in bunches: one look at the state for all of them
const element = (id) => document.getElementById(id);

class Page {
  constructor() {
    startTheme();
    setLocale(recall("locale") ?? navigator.language);
    this.store = new Store();
    this.line = Promise.resolve(); // messages are sent one after another
    this.early = null; // events that come while the state of another person is asked for
    this.looks = 0; // how often the state was asked for, and at which of those it was told last
    this.seen = 0;
    this.interactions = new Interactions({ api: () => this.api, complain: toast, openModal: (...modal) => this.#openModal(...modal) });
    this.sidebar = new Sidebar(element("sidebar"), this.store, {
      open: (id) => this.open(id),
      become: (id) => this.become(id),
      talkToBot: () => this.talkToBot(),
      theme: () => (toggleTheme(), this.sidebar.render()),
      language: () => this.changeLanguage(),
    });
    this.composer = new Composer(element("composer"), this.store, {
      say: (message) => this.#toNewest(message.channel, this.#say(message)),
      post: (call, body) => this.#toNewest(this.store.selected.channel, this.attempt(() => this.api.beside(call, { channel: this.store.selected.channel, ...body }))),
      typing: () => this.attempt(() => this.api.typing(this.store.selected.channel), { quiet: true }),
      commands: (channel) => this.#learnCommands(channel),
      autocomplete: (body) => this.suggestions(body),
      run: (body, label, files) => this.#toNewest(body.channel, this.interactions.start(body, { channel: body.channel, label }, files)),
      startPost: () => this.actions.startThread(null),
      editLast: () => this.actions.editLast(),
    });
    this.actions = new MessageActions(this);
    this.timeline = new Timeline(element("timeline"), this.store, this.interactions, {
      load: async (channel, before, limit) => (await this.attempt(() => this.api.messages(channel, { before, limit })))?.messages ?? null,
      actions: this.actions,
    });
    this.header = new Header(element("header"), this.store, {
      drawer: () => this.#drawer(true),
      open: (id) => this.open(id),
      startThread: () => this.actions.startThread(null),
      settings: () => this.settings(),
    });
    this.announcer = new Announcer(this.store);
    this.panel = new Panel(element("panel"), element("app"));
    this.header.extras.push(new DemoChip().button, this.panel.button);
    this.store.on("selection", () => this.#tellPlace());
    this.store.on("places", () => this.#placesChanged());
    element("skip-link").addEventListener("click", (event) => (event.preventDefault(), this.composer.focus()));
    element("scrim").addEventListener("click", () => this.#drawer(false));
    listenForKeys({ store: this.store, open: (id) => this.open(id), help: () => this.settings(), escape: () => this.#escape() });
    this.#words();
  }

  /** Call the server; a refusal is told and gives null. */
  async attempt(call, { quiet = false } = {}) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!quiet) toast(refusalWords(error));
      return null;
    }
  }

  /** Send a message after those before it, as the person who wrote it. */
  #say(message) {
    const { api } = this;
    const sent = this.line.then(() => this.attempt(() => api.say(message)));
    this.line = sent.catch(() => null);
    return sent;
  }

  /** Once what was sent is taken: show it, however far up one was reading. */
  async #toNewest(channel, sending) {
    const taken = await sending;
    if (taken && channel === this.store.selected.channel) this.timeline.toBottom();
    return taken;
  }

  async #learnCommands(channel) {
    const { api } = this;
    const answer = await this.attempt(() => api.commands(channel));
    if (answer && api === this.api && channel === this.store.selected.channel) this.store.learnCommands(answer.commands);
    return answer?.commands ?? null;
  }

  /** What the bot suggests for an option; null where it did not answer. */
  async suggestions(body) {
    const answer = await this.attempt(() => this.api.autocomplete(body), { quiet: true });
    return answer && !answer.failed ? answer.choices : null;
  }

  /** Be whom the address names, else whom one was before, else the first of the world's people. */
  async start() {
    const named = new URLSearchParams(window.location.search).get("as");
    for (const person of [named, recall("person")].filter(Boolean)) {
      const known = await this.attempt(() => new Api(person).state(), { quiet: true });
      if (known) return this.become(person);
    }
    return this.become(FIRST_PERSON);
  }

  /** Be this person: their events, their state, their language. */
  async become(person) {
    this.stream?.close();
    this.interactions.clear();
    this.api = new Api(person);
    this.early = [];
    element("app").dataset.ready = "false";
    remember("person", person);
    const api = this.api;
    this.stream = new EventStream(person, {
      event: (event) => api === this.api && this.#event(event),
      up: (again) => this.#connected(again),
      down: () => this.#banner(t("connectionLost")),
    });
    // The state is asked for after the events: what happens between the two would be told by neither.
    await this.stream.tried;
    if (api === this.api) await this.#load();
  }

  /** Show the state as it is now. Ready is what has its messages and commands too. */
  async #load() {
    const api = this.api;
    const load = (this.loaded = {});
    element("app").dataset.ready = "false";
    await this.attempt(() => api.locale(locale()), { quiet: true });
    if (api !== this.api) return;
    const snapshot = await this.#look();
    if (!snapshot) return;
    const again = this.store.me?.id === snapshot.me.id;
    this.store.load(snapshot);
    const early = this.early ?? [];
    this.early = null;
    for (const event of early) this.#event(event);
    const wanted = [this.store.selected.channel, recall("channel")].find((id) => this.store.channels.has(id));
    if (again && wanted === this.store.selected.channel) this.store.select(wanted); // one goes on with what one did
    else this.open(wanted ?? this.#firstChannel());
    await Promise.all([this.timeline.opened, this.composer.learned]);
    if (load === this.loaded) element("app").dataset.ready = "true";
  }

  /** Ask for the state; null where it is not told. Where a later answer came sooner, this one is out of date: ask again. */
  async #look({ quiet = false } = {}) {
    const api = this.api;
    for (;;) {
      const look = (this.looks += 1);
      const snapshot = await this.attempt(() => api.state(), { quiet });
      if (!snapshot || api !== this.api) return null;
      if (look > this.seen) {
        this.seen = look;
        return snapshot;
      }
    }
  }

  #firstChannel() {
    const all = this.store.guilds.flatMap((guild) => guild.channels);
    const texts = all.filter((channel) => channel.type === 0).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
    return (texts.find((channel) => channel.guild_id === this.store.guilds[0]?.id || !channel.guild_id) ?? texts[0] ?? this.store.dms[0])?.id;
  }

  async #connected(again) {
    this.#banner("");
    if (!again) return;
    this.interactions.clear(); // what became of them was not told, as nothing was that happened meanwhile
    await this.#load();
  }

  #event(event) {
    if (event.t === "INTERACTION_UPDATE") return this.interactions.update(event.d);
    if (this.early) return void this.early.push(event);
    if (this.store.apply(event)) this.#reloadSoon();
    return undefined;
  }

  #reloadSoon() {
    this.reloading ??= setTimeout(async () => {
      this.reloading = null;
      const snapshot = await this.#look({ quiet: true });
      if (snapshot && !this.early) this.store.reload(snapshot);
    }, RELOAD_MS);
  }

  open(channelId) {
    if (!channelId) return;
    remember("channel", channelId);
    const unknown = !this.store.channels.has(channelId);
    if (unknown) return void this.openWhenKnown(channelId);
    this.store.select(channelId);
    this.#drawer(false);
    if (window.matchMedia("(hover: hover)").matches) this.composer.focus();
  }

  /** Open a channel that was made just now: the state is asked for first. */
  async openWhenKnown(channelId) {
    const snapshot = await this.#look();
    if (!snapshot) return;
    this.store.reload(snapshot);
    if (this.store.channels.has(channelId)) this.open(channelId);
  }

  talkToBot() {
    return this.talkTo(null);
  }

  /** Open the conversation with a person; with the bot for null. */
  async talkTo(userId) {
    const channel = await this.attempt(() => this.api.directMessage(userId));
    if (channel) await this.openWhenKnown(channel.id);
  }

  async changeLanguage(value = otherLocale()) {
    setLocale(value);
    remember("locale", locale());
    this.#words();
    await this.#load();
  }

  #placesChanged() {
    if (!this.store.channel) return this.open(this.#firstChannel());
    const rights = JSON.stringify(this.store.channel.can);
    if (rights !== this.rights && !this.composer.form) this.composer.render();
    return this.#tellPlace();
  }

  #words() {
    element("skip-link").textContent = t("skip");
  }

  #banner(words) {
    element("banner").textContent = words;
    element("banner").hidden = !words;
  }

  #drawer(open) {
    if (!open && element("scrim").hidden) return;
    element("app").classList.toggle("drawer-open", open);
    element("scrim").hidden = !open;
    if (open) element("sidebar").querySelector("[aria-current=page]")?.focus();
    else this.header.drawerButton?.focus();
  }

  /** Escape closes the drawer, else goes back to where one writes, at the newest message. */
  #escape() {
    if (!element("scrim").hidden) return this.#drawer(false);
    this.timeline.toBottom();
    this.composer.focus();
    return undefined;
  }

  settings() {
    openSettings({ language: (value) => this.changeLanguage(value), changed: () => this.sidebar.render() });
  }

  #tellPlace() {
    const channel = this.store.channel;
    if (!channel) return;
    this.rights = JSON.stringify(channel.can);
    this.header.render();
  }

  #openModal(modal, interactionId, channelId) {
    const channel = this.store.channels.get(channelId);
    showModal(modal, {
      store: this.store,
      channel,
      names: namesFor(this.store, channel, null, this.actions.openPlace),
      submit: (fields, files, told) => this.interactions.start({ modal: interactionId, fields }, { channel: channelId, label: modal.title, told }, files),
    });
  }
}

const page = new Page();
await page.start();
