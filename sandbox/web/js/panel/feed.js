// What goes on behind the bot, as the sandbox tells it over /control/watch: see sandbox/README.md. No document here.
// Emits "change" with detail {added: item[], changed: Set<id>, gone: id[], cleared, states: Set<name>}, and "link" with
// detail true or false when the connection comes or goes.

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;
const KEPT = 600; // until the server says how much it keeps

export class PanelFeed extends EventTarget {
  constructor() {
    super();
    this.items = new Map();
    this.state = {};
    this.kept = KEPT;
    this.ahead = 0; // the server's clock minus this browser's, in seconds
    this.delay = FIRST_RETRY_MS;
    this.socket = null;
  }

  /** The server's time now, in Unix seconds. */
  now() {
    return Date.now() / 1000 + this.ahead;
  }

  open() {
    if (this.socket) return;
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${window.location.host}/control/watch`);
    this.socket = socket;
    let fresh = true;
    socket.addEventListener("message", (frame) => {
      if (socket !== this.socket) return;
      this.delay = FIRST_RETRY_MS;
      const told = JSON.parse(frame.data);
      this.#take(fresh ? { ...told, clear: true } : told);
      if (fresh) this.#emit("link", true);
      fresh = false;
    });
    socket.addEventListener("close", () => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.#emit("link", false);
      this.timer = setTimeout(() => this.open(), this.delay);
      this.delay = Math.min(this.delay * 2, LONGEST_RETRY_MS);
    });
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  #take(frame) {
    if (frame.hello) this.kept = frame.hello.kept;
    if (frame.now) this.ahead = frame.now - Date.now() / 1000;
    const change = { added: [], changed: new Set(), gone: [], cleared: Boolean(frame.clear), states: new Set() };
    if (frame.clear) this.items.clear();
    for (const [name, value] of Object.entries(frame.state ?? {})) {
      this.state[name] = value;
      change.states.add(name);
    }
    for (const item of frame.put ?? []) {
      this.items.set(item.id, item);
      change.added.push(item);
    }
    for (const part of frame.set ?? []) {
      const item = this.items.get(part.id);
      if (!item) continue;
      Object.assign(item, part);
      change.changed.add(part.id);
    }
    while (this.items.size > this.kept) {
      const oldest = this.items.keys().next().value;
      this.items.delete(oldest);
      change.gone.push(oldest);
    }
    this.#emit("change", change);
  }

  #emit(topic, detail) {
    this.dispatchEvent(new CustomEvent(topic, { detail }));
  }
}

/** Call a switch of the sandbox. @returns {Promise<string>} words for a person where it was refused, else "" */
export async function callControl(name, body) {
  try {
    const response = await fetch(`/control/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (response.ok) return "";
    const answer = await response.json().catch(() => ({}));
    return String(answer.error ?? response.statusText);
  } catch {
    return "unreachable";
  }
}
