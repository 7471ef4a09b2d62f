// Faults at a click: each switch shows what the sandbox says is in force, never what was clicked.

import { h } from "../base/dom.js";
import { locale } from "../base/i18n.js";
import { mend } from "../base/mend.js";
import { callControl } from "./feed.js";
import { w } from "./words.js";
import { recall, remember } from "../base/preferences.js";

const MESSAGES = "^/api/v10/(channels/[0-9]+/messages(/[0-9]+)?|webhooks/[^/]+/[^/]+(/messages/[^/]+)?)$";
const PACE = ["slow", "crawling", "thinking", "stalling"];
const ANSWERS = ["down", "unavailable", "refusing", "unauthorized", "filtering", "truncating", "cutting", "garbage"];
const RULES = {
  edits_limited: { method: "PATCH", path: MESSAGES, status: 429, json: { message: "You are being rate limited.", retry_after: 2, global: false } },
  sends_limited: { method: "POST", path: MESSAGES, status: 429, json: { message: "You are being rate limited.", retry_after: 2, global: false } },
  failing: { path: MESSAGES, status: 500 },
  slow: { path: MESSAGES, delay_s: 3 },
  lost: { path: MESSAGES, after: true, reset: true },
  // What Discord refuses, by the names that the sandbox knows: see sandbox/discord/traffic/catalogue.py.
  automod: { refusal: "automod" },
  harmful_link: { refusal: "harmful_link", text: "://" },
  new_messages: { refusal: "new_messages" },
  edits: { refusal: "edits" },
  components: { refusal: "components" },
};
const SECONDS = 10;
const TIMES = [1, 5, "seconds", null]; // how many requests, or a time
const GATEWAY = ["drop", "reconnect", "invalid_session"];
const DOINGS = { running: ["kill", "restart", "stop"], stopping: ["kill"], stopped: ["start"], waiting: ["start", "stop"], starting: [], given_up: [] };

export class PanelFaults {
  /** @param {import("./feed.js").PanelFeed} feed @param {(words: string) => void} complain */
  constructor(feed, complain) {
    this.feed = feed;
    this.complain = complain;
    this.times = 5;
    this.line = Promise.resolve();
    this.count = h("span", { class: "fault-count", testid: "fault-count" });
    this.title = h("span", {});
    this.well = h("button", { type: "button", class: "well-button", testid: "all-well", onclick: () => this.#allWell() });
    this.body = h("div", { class: "fault-body", id: "panel-faults" });
    this.head = h("button", { type: "button", class: "fault-head", testid: "panel-faults", "aria-controls": "panel-faults", onclick: () => this.#toggle() }, this.title, this.count);
    this.root = h("section", { class: "panel-faults" }, h("div", { class: "fault-bar" }, this.head, this.well), this.body);
    // They take half of a small screen: there they are opened when they are wanted.
    this.shown = recall("faults") ? recall("faults") === "open" : window.innerHeight >= 760 && window.innerWidth > 760;
    this.render();
  }

  #toggle() {
    this.shown = !this.shown;
    remember("faults", this.shown ? "open" : "closed");
    this.render();
  }

  get #endpoint() {
    return this.feed.state.endpoint?.faults ?? [];
  }

  get #rules() {
    return this.feed.state.discord?.faults ?? [];
  }

  get #status() {
    return this.feed.state.bot?.supervised ? this.feed.state.bot.status : null;
  }

  /** Draw what changed, and that alone: see mend.js. */
  render() {
    const says = JSON.stringify([this.#endpoint, this.#rules, this.#status, this.feed.state.endpoint?.attached, this.times, this.shown, locale()]);
    if (says === this.says) return;
    this.says = says;
    const focus = this.root.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    const active = this.#endpoint.length + this.#rules.length + (this.#status === "stopped" ? 1 : 0);
    this.title.textContent = w("faults");
    this.count.textContent = active ? w("faultsActive", { n: active }) : w("faultsNone");
    this.count.classList.toggle("is-active", active > 0);
    this.well.textContent = w("allWell");
    this.well.disabled = !active;
    this.head.setAttribute("aria-expanded", String(this.shown));
    this.body.hidden = !this.shown;
    mend(this.body, this.#ofEndpoint(), this.#ofDiscord(), this.#ofGateway(), this.#ofBot());
    if (focus) this.root.querySelector(`[data-testid="${CSS.escape(focus)}"]`)?.focus();
  }

  #group(name, ...content) {
    return h("div", { class: "fault-group", role: "group", "aria-label": w(name) }, h("h3", {}, w(name)), h("div", { class: "chips" }, content));
  }

  #chip(testid, words, pressed, act, more = {}) {
    return h("button", { type: "button", class: "chip", testid, "data-key": testid, "aria-pressed": String(pressed), onclick: act, ...more }, words);
  }

  #button(testid, words, act) {
    return h("button", { type: "button", class: "chip chip-once", testid, "data-key": testid, onclick: act }, words);
  }

  #ofEndpoint() {
    if (!this.feed.state.endpoint?.attached) return this.#group("endpoint", h("p", { class: "fault-note" }, w("endpointElsewhere")));
    const chip = (name, rivals) =>
      this.#chip(`fault-${name}`, w(`fault_${name}`), this.#endpoint.includes(name), () => this.#switchEndpoint(name, rivals), { title: w(`hint_${name}`) });
    return this.#group("endpoint", PACE.map((name) => chip(name, PACE)), ANSWERS.map((name) => chip(name, ANSWERS)), chip("no_images", []));
  }

  // What is sent is what is to change, not what is to be: another click may be under way, or a rule just used up.

  #switchEndpoint(name, rivals) {
    const on = !this.#endpoint.includes(name);
    return this.#call("endpoint", { faults: on ? [name] : [], off: on ? [name, ...rivals] : [name] });
  }

  #ofDiscord() {
    const chips = Object.keys(RULES).map((name) => {
      const active = this.#rules.filter((rule) => rule.name === name);
      const left = active[0]?.left;
      const words = active.length && left !== null ? `${w(`rule_${name}`)} ${w("timesLeft", { n: left })}` : w(`rule_${name}`);
      return this.#chip(`rule-${name}`, words, active.length > 0, () => this.#switchDiscord(name), { title: w(`rulehint_${name}`) });
    });
    const choices = TIMES.map((times) => {
      const words = times === null ? w("untilOff") : times === 1 ? w("once") : times === "seconds" ? w("forSeconds", { n: SECONDS }) : w("manyTimes", { n: times });
      const input = h("input", { type: "radio", name: "fault-times", testid: `times-${times ?? "all"}`, "data-key": `times-${times}`, onchange: () => ((this.times = times), this.render()) });
      input.checked = this.times === times;
      return h("label", { class: "time-choice" }, input, h("span", {}, words));
    });
    return this.#group("discord", chips, h("fieldset", { class: "times" }, h("legend", { class: "visually-hidden" }, w("howOften")), choices));
  }

  #switchDiscord(name) {
    const on = !this.#rules.some((rule) => rule.name === name);
    const bound = this.times === "seconds" ? { for_s: SECONDS } : { times: this.times };
    const rule = { ...bound, ...RULES[name], ...(RULES[name].refusal ? {} : { name }) };
    return this.#call("faults", { faults: on ? [rule] : [], off: [name] });
  }

  #ofGateway() {
    return this.#group("gateway", GATEWAY.map((what) => this.#button(`gateway-${what}`, w(`gateway_${what}`), () => this.#call("gateway", { do: what }))));
  }

  #ofBot() {
    if (!this.#status) return this.#group("bot", h("p", { class: "fault-note" }, w("botElsewhere")));
    const doings = DOINGS[this.#status] ?? [];
    return this.#group("bot", doings.map((what) => this.#button(`bot-${what}`, w(`do_${what}`), () => this.#call("bot", { do: what }))), doings.length ? null : h("p", { class: "fault-note" }, w(`bot_${this.#status}`)));
  }

  async #allWell() {
    if (this.#endpoint.length) await this.#call("endpoint", { faults: [] });
    if (this.#rules.length) await this.#call("faults", { faults: [] });
    if (this.#status === "stopped") await this.#call("bot", { do: "start" });
    // The button is gone: not from where one went meanwhile.
    if (document.activeElement === document.body || this.root.contains(document.activeElement)) this.head.focus();
  }

  /** One after another, in the order of the clicks. */
  #call(name, body) {
    this.line = this.line.then(() => this.#ask(name, body));
    return this.line;
  }

  async #ask(name, body) {
    const words = await callControl(name, body);
    if (words) this.complain(words === "unreachable" ? w("unreachable") : words);
  }
}
