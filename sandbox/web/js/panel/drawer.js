// The panel behind the bot: beside the chat on a wide screen, over it on a narrow one. It is told of by the sandbox alone.

import { fill, h, iconButton } from "../base/dom.js";
import { toast } from "../base/overlay.js";
import { PanelFaults } from "./faults.js";
import { PanelFeed } from "./feed.js";
import { PanelList } from "./list.js";
import { number, w, wordsOr } from "./words.js";
import { recall, remember } from "../base/preferences.js";

const TICK_MS = 1000;
const WIDE = "(min-width: 1180px)";

export class Panel {
  /** @param {HTMLElement} root @param {HTMLElement} app what the panel stands beside */
  constructor(root, app) {
    this.root = root;
    this.app = app;
    this.feed = new PanelFeed();
    this.list = new PanelList(this.feed);
    this.faults = new PanelFaults(this.feed, toast);
    this.button = h("button", { type: "button", class: "panel-button", testid: "panel-toggle", "aria-controls": root.id, onclick: () => this.toggle() });
    this.status = h("dl", { class: "panel-status" });
    this.lost = h("p", { class: "panel-lost", role: "status" });
    this.title = h("h2", {});
    this.closing = h("span", {});
    fill(root, h("header", { class: "panel-head" }, this.title, this.closing), this.lost, this.status, this.faults.root, this.list.root);
    this.feed.addEventListener("change", ({ detail }) => this.#changed(detail));
    this.feed.addEventListener("link", ({ detail }) => this.#linked(detail));
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#wide) return;
      event.stopPropagation(); // the page has a use of its own for it
      this.toggle(false);
    });
    new MutationObserver(() => this.#words()).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
    this.#words();
    this.#fit();
    // A column that was open must not become a sheet over the chat when the window gets narrow.
    window.matchMedia(WIDE).addEventListener("change", () => this.#fit());
  }

  #fit() {
    this.#show(this.#wide && recall("panel") !== "closed");
  }

  get #wide() {
    return window.matchMedia(WIDE).matches;
  }

  get opened() {
    return !this.root.hidden;
  }

  toggle(open = !this.opened) {
    if (this.#wide) remember("panel", open ? "open" : "closed");
    this.#show(open);
    if (open) this.title.focus();
    else this.button.focus();
  }

  #show(open) {
    this.root.hidden = !open;
    this.app.classList.toggle("with-panel", open);
    this.button.setAttribute("aria-expanded", String(open));
    clearInterval(this.ticking);
    if (open) {
      this.feed.open();
      this.ticking = setInterval(() => this.list.tick(), TICK_MS);
    } else this.feed.close();
  }

  #changed(change) {
    this.list.take(change);
    if (!change.states.size) return;
    this.faults.render();
    this.#tellStatus();
  }

  #linked(up) {
    this.lost.hidden = up;
    this.lost.textContent = up ? "" : w("linkLost");
  }

  #words() {
    fill(this.button, h("span", { class: "panel-button-mark", "aria-hidden": "true" }), h("span", { class: "panel-button-words" }, w("behind")));
    this.button.setAttribute("aria-label", w("behind"));
    this.button.title = w("behindHint");
    this.root.setAttribute("aria-label", w("behind"));
    this.title.textContent = w("behind");
    this.title.tabIndex = -1;
    this.lost.hidden = true;
    fill(this.closing, iconButton("close", w("closePanel"), { testid: "panel-close", onclick: () => this.toggle(false) }));
    this.faults.render();
    this.list.rebuild();
    this.#tellStatus();
  }

  #tellStatus() {
    const { bot, gateway, endpoint } = this.feed.state;
    const entries = [
      ["bot", ...this.#bot(bot, gateway)],
      ["gateway", gateway?.connected ? "good" : "bad", gateway?.connected ? w("connected") : w("notConnected")],
      ["endpoint", ...this.#endpoint(endpoint)],
    ];
    fill(
      this.status,
      entries.map(([name, kind, words]) => h("div", { class: `thing thing-${kind}`, testid: `status-${name}`, "data-kind": kind }, h("dt", {}, w(name)), h("dd", { title: words }, h("span", {}, words)))),
    );
    this.button.dataset.kind = entries.some(([, kind]) => kind === "bad") ? "bad" : entries.some(([, kind]) => kind === "warn") ? "warn" : "good";
  }

  #bot(bot, gateway) {
    if (!bot?.supervised) return gateway?.connected ? ["good", w("bot_elsewhere")] : ["bad", w("bot_absent")];
    if (bot.status === "running") return gateway?.connected ? ["good", w("bot_running", { pid: number(bot.pid).replace(/\D/gu, "") })] : ["warn", w("bot_connecting")];
    return [bot.status === "stopped" || bot.status === "given_up" ? "bad" : "warn", wordsOr(`bot_${bot.status}`, bot.status)];
  }

  #endpoint(endpoint) {
    if (!endpoint?.attached) return ["plain", w("endpointElsewhereShort")];
    if (endpoint.faults.length) return ["warn", endpoint.faults.map((name) => wordsOr(`fault_${name}`, name)).join(", ")];
    return ["good", endpoint.answers.startsWith("scripted") ? w("scripted") : endpoint.answers];
  }
}
