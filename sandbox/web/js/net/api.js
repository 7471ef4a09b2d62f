// The people's side of the local Discord over HTTP and WebSocket: see sandbox/README.md.

const FIRST_RETRY_MS = 400;
const LONGEST_RETRY_MS = 5000;

/** An answer that is not a success; `message` holds words for a person. */
export class ApiError extends Error {
  constructor(message, status, code) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

export class Api {
  /** @param {string} person id or username of the one who acts */
  constructor(person) {
    this.person = person;
  }

  state() {
    return this.#get("state", {});
  }

  messages(channel, { before = null, limit = 50 } = {}) {
    return this.#get("messages", { channel, limit, ...(before ? { before } : {}) });
  }

  commands(channel) {
    return this.#get("commands", { channel });
  }

  say({ channel, content, replyTo = null, ping = true, files = [] }) {
    const body = { channel, content, ping, ...(replyTo ? { reply_to: replyTo } : {}) };
    return this.#post("say", body, files);
  }

  edit(channel, message, content) {
    return this.#post("edit", { channel, message, content });
  }

  remove(channel, message) {
    return this.#post("delete", { channel, message });
  }

  react(channel, message, emoji, remove) {
    return this.#post("react", { channel, message, emoji, remove });
  }

  /** Send something beside words: a poll, a sticker, a voice message. */
  beside(call, body) {
    return this.#post(call, body);
  }

  vote(channel, message, answer, remove) {
    return this.#post("vote", { channel, message, answer, remove });
  }

  forward(channel, message, to) {
    return this.#post("forward", { channel, message, to });
  }

  typing(channel) {
    return this.#post("typing", { channel });
  }

  directMessage(other = null) {
    return this.#post("dm", other ? { with: other } : {});
  }

  post(channel, { name, content, files = [] }) {
    return this.#post("thread", { channel, name, content }, files);
  }

  thread(channel, name, message = null) {
    return this.#post("thread", { channel, name, ...(message ? { message } : {}) });
  }

  /** @returns {Promise<{id: string}>} what comes of it arrives as events */
  interact(body, files = []) {
    return this.#post("interact", body, files);
  }

  autocomplete(body) {
    return this.#post("autocomplete", body);
  }

  locale(locale) {
    return this.#post("locale", { locale });
  }

  async #get(name, query) {
    const parameters = new URLSearchParams({ as: this.person, ...query });
    return answer(await reach(`/people/${name}?${parameters}`));
  }

  async #post(name, body, files = []) {
    const whole = { as: this.person, ...body };
    const request = { method: "POST" };
    if (files.length) {
      const form = new FormData();
      form.append("payload_json", JSON.stringify(whole));
      files.forEach((file, n) => form.append(`files[${n}]`, file, file.name));
      request.body = form;
    } else {
      request.headers = { "Content-Type": "application/json" };
      request.body = JSON.stringify(whole);
    }
    return answer(await reach(`/people/${name}`, request));
  }
}

async function reach(address, request) {
  try {
    return await fetch(address, request);
  } catch {
    throw new ApiError("", 0, 0);
  }
}

async function answer(response) {
  const text = await response.text();
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    body = { error: text.slice(0, 200) };
  }
  if (!response.ok) throw new ApiError(String(body.error ?? body.message ?? response.statusText), response.status, body.code ?? 0);
  return body;
}

/** The events of one person, reconnecting for ever until closed. */
export class EventStream {
  /**
   * @param {string} person
   * @param {{event: (event: object) => void, up: (again: boolean) => void, down: () => void}} handlers `again` is false
   *   where the first attempt succeeded
   */
  constructor(person, handlers) {
    this.person = person;
    this.handlers = handlers;
    this.closed = false;
    this.delay = FIRST_RETRY_MS;
    this.tried = new Promise((resolve) => this.#connect(resolve)); // settles once the first attempt succeeded or failed
  }

  #connect(tried) {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const parameters = new URLSearchParams({ as: this.person });
    this.socket = new WebSocket(`${scheme}://${window.location.host}/people/events?${parameters}`);
    this.socket.addEventListener("open", () => {
      this.delay = FIRST_RETRY_MS;
      this.handlers.up(!tried);
      tried?.();
    });
    this.socket.addEventListener("message", (frame) => {
      if (!this.closed) this.handlers.event(JSON.parse(frame.data));
    });
    this.socket.addEventListener("close", () => {
      tried?.();
      if (this.closed) return;
      this.handlers.down();
      this.timer = setTimeout(() => this.#connect(), this.delay);
      this.delay = Math.min(this.delay * 2, LONGEST_RETRY_MS);
    });
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
