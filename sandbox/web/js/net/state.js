// What the page knows: one person's view of the local Discord, kept current by events. No document here.
// Topics emitted: "session", "places", "selection", "messages" (detail {channel, kind, message}), "typing", "unread",
// "commands".

const TYPING_MS = 10_000; // Discord shows typing for ten seconds
const POSTS = new Set([15, 16]); // forum and media channels
export const VOICE = new Set([2, 13]); // voice and stage channels
export const ANNOUNCEMENT = 5;
export const MEDIA = 16;
export const HOME = "@me";
export const EPHEMERAL = 64;
export const LOADING = 128;
export const COMPONENTS_V2 = 32768;
const THREADS = new Set([10, 11, 12]);

/** Order of snowflakes, which are decimal strings without leading zeros. */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function isThread(channel) {
  return THREADS.has(channel.type);
}

/** Whether a channel consists of posts, in which alone people write. */
export function hasPosts(channel) {
  return POSTS.has(channel?.type);
}

/** Whether a message for this person alone is of an earlier visit: Discord's client forgets those when it starts anew. */
function isForgotten(message) {
  return Boolean(message.flags & EPHEMERAL) && Date.parse(message.timestamp) < performance.timeOrigin;
}

export class Store extends EventTarget {
  constructor() {
    super();
    this.ready = false;
    this.selected = { place: null, channel: null };
    this.clear();
  }

  clear() {
    this.me = null;
    this.bot = null;
    this.people = [];
    this.guilds = [];
    this.dms = [];
    this.users = new Map();
    this.channels = new Map();
    this.histories = new Map();
    this.typing = new Map();
    this.unread = new Map(); // by channel: {count, mentions, from: the first such message}
    this.newFrom = null; // the first message that was new when the open channel was opened
    this.dismissed = new Set();
    this.commands = []; // of the bot, as the channel that was entered last has them
  }

  on(topic, listener) {
    this.addEventListener(topic, (event) => listener(event.detail));
  }

  #emit(topic, detail) {
    this.dispatchEvent(new CustomEvent(topic, { detail }));
  }

  /** Take over the answer of GET /people/state; messages that were loaded are forgotten. */
  load(snapshot) {
    const fresh = this.me?.id !== snapshot.me.id;
    if (fresh) this.clear();
    this.histories.clear();
    this.me = snapshot.me;
    this.bot = snapshot.bot;
    this.locale = snapshot.locale;
    this.#places(snapshot);
    if (!this.channel) this.selected = { place: null, channel: null }; // another person may not see it
    this.ready = true;
    this.#emit("session", { fresh });
  }

  /** Take over guilds, channels and people alone: something in them changed. */
  reload(snapshot) {
    this.#places(snapshot);
    this.#emit("places");
  }

  /** Take over the commands that can be used in a channel. */
  learnCommands(commands) {
    if (JSON.stringify(commands) === JSON.stringify(this.commands)) return;
    this.commands = commands;
    this.#emit("commands");
  }

  #places(snapshot) {
    this.people = snapshot.people;
    this.guilds = snapshot.guilds;
    this.dms = snapshot.dms;
    for (const person of snapshot.people) this.users.set(person.id, person);
    this.users.set(snapshot.bot.id, snapshot.bot);
    this.channels.clear();
    for (const guild of snapshot.guilds) {
      for (const member of guild.members) {
        const user = member.user ?? member;
        this.users.set(user.id, { ...this.users.get(user.id), ...user });
      }
      for (const channel of guild.channels) this.channels.set(channel.id, { ...channel, guild_id: guild.id });
    }
    for (const channel of snapshot.dms) this.channels.set(channel.id, channel);
  }

  select(channelId) {
    const channel = this.channels.get(channelId);
    if (!channel) return;
    if (channelId !== this.selected.channel) this.newFrom = this.unread.get(channelId)?.from ?? null;
    this.selected = { place: channel.guild_id ?? HOME, channel: channelId };
    this.unread.delete(channelId);
    this.#emit("selection");
    this.#emit("unread");
  }

  get channel() {
    return this.channels.get(this.selected.channel) ?? null;
  }

  guild(id = this.channel?.guild_id) {
    return this.guilds.find((guild) => guild.id === id) ?? null;
  }

  /** Who may be mentioned in a channel: the guild's members, or both sides of a conversation. */
  membersOf(channel) {
    const guild = this.guild(channel?.guild_id ?? null);
    if (!guild) return [this.me, ...(channel?.recipients ?? [])];
    return guild.members.map((member) => {
      const user = member.user ?? member;
      return { ...this.users.get(user.id), ...user, nick: member.nick ?? null, roles: member.roles ?? [] };
    });
  }

  member(userId, channel = this.channel) {
    const known = this.membersOf(channel).find((member) => member?.id === userId);
    return known ?? this.users.get(userId) ?? null;
  }

  /** Whether the newest messages of a channel were loaded; before that, what is known of it came by events. */
  isLoaded(channelId) {
    return this.histories.get(channelId)?.loaded ?? false;
  }

  /** The messages of a channel that are to be shown, as far as they are known, oldest first. */
  messages(channelId) {
    const known = this.histories.get(channelId)?.messages ?? new Map();
    return [...known.values()].filter((message) => !this.dismissed.has(message.id)).sort((a, b) => compareIds(a.id, b.id));
  }

  message(channelId, messageId) {
    return this.histories.get(channelId)?.messages.get(messageId) ?? null;
  }

  hasOlder(channelId) {
    return this.histories.get(channelId)?.older ?? false;
  }

  /** To be called before a page is asked for: from now on events of the channel count. */
  expectPage(channelId) {
    if (this.histories.has(channelId)) return;
    this.histories.set(channelId, { messages: new Map(), gone: new Set(), older: true, oldest: null, loaded: false });
  }

  /** Add a page of messages; `older` says whether there are more before them. */
  addPage(channelId, messages, older) {
    this.expectPage(channelId);
    const history = this.histories.get(channelId);
    // An event that came while the page was under way is newer than the page.
    const wanted = messages.filter((message) => !history.messages.has(message.id) && !history.gone.has(message.id) && !isForgotten(message));
    for (const message of wanted) history.messages.set(message.id, message);
    if (!history.loaded && older) {
      for (const id of history.messages.keys()) if (compareIds(id, messages[0].id) < 0) history.messages.delete(id);
    }
    history.older = older;
    history.oldest = messages[0]?.id ?? history.oldest;
    history.loaded = true;
    this.#emit("messages", { channel: channelId, kind: "page" });
  }

  dismiss(channelId, messageId) {
    this.dismissed.add(messageId);
    this.#emit("messages", { channel: channelId, kind: "remove", id: messageId });
  }

  /** Apply an event; true if guilds or channels changed in a way that asks for them anew. */
  apply({ t: type, d: data }) {
    switch (type) {
      case "MESSAGE_CREATE":
        this.#stopTyping(data.channel_id, data.author.id);
        this.#put(data, true);
        this.#countUnread(data);
        return !this.channels.has(data.channel_id);
      case "MESSAGE_UPDATE":
        this.#put(data, false);
        return false;
      case "MESSAGE_DELETE":
        this.#drop(data.channel_id, [data.id]);
        return false;
      case "MESSAGE_DELETE_BULK":
        this.#drop(data.channel_id, data.ids);
        return false;
      case "MESSAGE_REACTION_ADD":
      case "MESSAGE_REACTION_REMOVE":
        this.#react(data, type.endsWith("ADD") ? 1 : -1);
        return false;
      case "MESSAGE_POLL_VOTE_ADD":
      case "MESSAGE_POLL_VOTE_REMOVE":
        this.#countVote(data, type.endsWith("ADD") ? 1 : -1);
        return false;
      case "TYPING_START":
        if (data.user_id !== this.me.id) this.#startTyping(data.channel_id, data.user_id);
        return false;
      default:
        return /^(CHANNEL|THREAD|GUILD)_/.test(type);
    }
  }

  #put(message, isNew) {
    const history = this.histories.get(message.channel_id);
    if (!history) return;
    const before = history.messages.get(message.id);
    // A message above the pages that are here would leave a gap below it: by an edit, or by news that came late.
    const above = () => !isNew || (history.older && compareIds(message.id, history.oldest) < 0);
    if (!before && history.loaded && above()) return;
    const after = { ...before, ...message };
    history.messages.set(message.id, after);
    this.#emit("messages", { channel: message.channel_id, kind: before ? "update" : "add", message: after });
  }

  #drop(channelId, ids) {
    const history = this.histories.get(channelId);
    if (!history) return;
    for (const id of ids) {
      history.gone.add(id);
      if (history.messages.delete(id)) this.#emit("messages", { channel: channelId, kind: "remove", id });
    }
  }

  #react({ channel_id: channelId, message_id: messageId, emoji, user_id: userId }, step) {
    const message = this.message(channelId, messageId);
    if (!message) return;
    const reactions = (message.reactions ?? []).map((reaction) => ({ ...reaction }));
    let entry = reactions.find((reaction) => reaction.emoji.name === emoji.name && reaction.emoji.id === emoji.id);
    if (!entry) reactions.push((entry = { emoji, count: 0, me: false }));
    entry.count += step;
    if (userId === this.me.id) entry.me = step > 0;
    this.#put({ ...message, reactions: reactions.filter((reaction) => reaction.count > 0) }, false);
  }

  #countVote({ channel_id: channelId, message_id: messageId, answer_id: answerId, user_id: userId }, step) {
    const message = this.message(channelId, messageId);
    if (!message?.poll) return;
    const counts = (message.poll.results?.answer_counts ?? []).map((one) => ({ ...one }));
    let entry = counts.find((one) => one.id === answerId);
    if (!entry) counts.push((entry = { id: answerId, count: 0, me_voted: false }));
    entry.count += step;
    if (userId === this.me.id) entry.me_voted = step > 0;
    const results = { is_finalized: false, ...message.poll.results, answer_counts: counts.filter((one) => one.count > 0) };
    this.#put({ ...message, poll: { ...message.poll, results } }, false);
  }

  #countUnread(message) {
    if (message.channel_id === this.selected.channel || message.author.id === this.me.id) return;
    const mine = (message.mentions ?? []).some((user) => user.id === this.me.id);
    const before = this.unread.get(message.channel_id) ?? { count: 0, mentions: 0, from: message.id };
    this.unread.set(message.channel_id, { ...before, count: before.count + 1, mentions: before.mentions + (mine ? 1 : 0) });
    this.#emit("unread");
  }

  #startTyping(channelId, userId) {
    const typists = this.typing.get(channelId) ?? new Map();
    clearTimeout(typists.get(userId));
    typists.set(userId, setTimeout(() => this.#stopTyping(channelId, userId), TYPING_MS));
    this.typing.set(channelId, typists);
    this.#emit("typing", { channel: channelId });
  }

  #stopTyping(channelId, userId) {
    const typists = this.typing.get(channelId);
    if (!typists?.has(userId)) return;
    clearTimeout(typists.get(userId));
    typists.delete(userId);
    this.#emit("typing", { channel: channelId });
  }

  typists(channelId) {
    return [...(this.typing.get(channelId)?.keys() ?? [])].map((id) => this.member(id)).filter(Boolean);
  }
}
