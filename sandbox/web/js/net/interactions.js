// What a person asked of the bot and what became of it: thinking, done, failed, or a modal to fill in.

import { ApiError } from "./api.js";
import { t } from "../base/i18n.js";
import { refusalWords } from "./refusals.js";

const NO_ANSWER = "The application did not respond"; // the sandbox's words, told in the reader's language
const REMEMBERED = 50; // answers that came before their request's own, at most

/** Emits "change" when the pending ones of a channel changed. */
export class Interactions extends EventTarget {
  /** @param {{api: () => import("./api.js").Api, complain: (words: string) => void, openModal: (modal: object, id: string, channel: string) => void}} links */
  constructor(links) {
    super();
    this.links = links;
    this.pending = new Map();
    this.early = new Map();
    this.asked = 0; // how often something was started
  }

  clear() {
    for (const one of this.pending.values()) one.told?.(t("didNotRespond"));
    this.pending.clear();
    this.early.clear();
    this.#changed();
  }

  /**
   * Start one. @param {{channel: string, label: string, message?: string, component?: string, seen?: object}} about
   * `message` and `component` name what was pressed: its own look tells then how it stands, and the message what went
   * wrong; `seen` is the message as it was then. `told`
   * (`(error: string | null) => boolean`) hears what came of it, and is true if it shows the error itself.
   * @returns {Promise<boolean>} whether the bot's server took it
   */
  async start(body, about, files = []) {
    const mark = `asked-${(this.asked += 1)}`; // until its id is known
    this.pending.set(mark, { ...about, id: mark, state: "sent" });
    this.#changed();
    try {
      const { id } = await this.links.api().interact(body, files);
      if (!this.pending.delete(mark)) return true; // nobody waits for it: another person is here, or the connection was lost
      this.pending.set(id, { ...about, id, state: "sent" });
      const early = this.early.get(id);
      this.early.delete(id);
      if (early) this.update(early);
      this.#changed();
      return true;
    } catch (error) {
      this.dismiss(mark);
      if (!(error instanceof ApiError)) throw error;
      this.links.complain(refusalWords(error));
      return false;
    }
  }

  /** An INTERACTION_UPDATE: {id, state, error?, modal?}. */
  update(data) {
    const one = this.pending.get(data.id);
    if (!one) {
      this.early.set(data.id, data);
      if (this.early.size > REMEMBERED) this.early.delete(this.early.keys().next().value);
      return;
    }
    if (data.state === "thinking") {
      one.state = "thinking";
      one.told?.(null);
    } else if (data.state === "failed") {
      one.state = "failed";
      one.error = !data.error || data.error === NO_ANSWER ? t("didNotRespond") : data.error;
      if (one.told?.(one.error)) this.pending.delete(data.id);
    } else if (data.state === "done" || data.state === "modal") {
      this.pending.delete(data.id);
      one.told?.(null);
      if (data.state === "modal") this.links.openModal(data.modal, data.id, one.channel);
    }
    this.#changed();
  }

  /** The message of an interaction has come: its line is needed no longer. */
  settle(interactionId) {
    const one = this.pending.get(interactionId);
    if (!one || one.state === "failed") return;
    this.pending.delete(interactionId);
    one.told?.(null);
    this.#changed();
  }

  dismiss(id) {
    this.pending.delete(id);
    this.#changed();
  }

  /** Those that have a line of their own below the messages of a channel. */
  of(channel) {
    return [...this.pending.values()].filter((one) => one.channel === channel && (!one.message || one.state === "thinking"));
  }

  /** What was pressed on a message and is not answered yet, or failed; null for none. The newest counts. */
  on(message) {
    return [...this.pending.values()].findLast((one) => one.message === message && one.state !== "thinking") ?? null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
