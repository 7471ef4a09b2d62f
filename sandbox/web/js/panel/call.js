// A request of the bot to Discord, as a row; and something that happened once.

import { fill, h } from "../base/dom.js";
import { drawBudget } from "./charts.js";
import { clock, number, seconds, size, w, wordsOr } from "./words.js";

/** The look of a status: a word for the class of its colour. */
export function statusKind(status) {
  if (status === 0) return "bad";
  if (status === 429) return "warn";
  return status >= 400 ? "bad" : "good";
}

export function statusMark(status) {
  const words = status === 0 ? w("reset") : String(status);
  return h("span", { class: `status status-${statusKind(status)}` }, words);
}

function title(call) {
  if (call.op === "answer") return wordsOr(`answer_${call.answer}`, w("answer_other"));
  return wordsOr(`op_${call.op}`, call.method);
}

/** @returns {HTMLElement} a list item; nothing of it changes any more */
export function renderCall(call) {
  const marks = [
    call.chars ? w(call.chars === 1 ? "char" : "chars", { n: number(call.chars) }) : null,
    call.files.length ? call.files.map((file) => `${file.name} · ${size(file.bytes)}`).join(", ") : null,
    call.embeds ? w("embeds", { n: call.embeds }) : null,
  ].filter(Boolean);
  return h(
    "li",
    { class: `call call-${call.op}${call.fault ? " call-fault" : ""}`, testid: "panel-call", "data-op": call.op, "data-status": call.status },
    h(
      "div",
      { class: "call-line" },
      h("span", { class: "call-op", title: `${call.method} ${call.path}` }, title(call)),
      statusMark(call.status),
      call.fault ? h("span", { class: "fault-mark" }, w("faultMade")) : null,
      h("span", { class: "room" }),
      call.since_s === null ? null : h("span", { class: "call-since", title: w("sinceLabel") }, `+${seconds(call.since_s)}`),
      call.budget ? drawBudget(call.budget) : null,
    ),
    call.words ? h("p", { class: "call-words" }, call.words) : null,
    h(
      "div",
      { class: "call-marks" },
      h("code", {}, `${call.method} ${call.path}`),
      h("span", {}, w("milliseconds", { n: number(call.ms, call.ms < 10 ? 1 : 0) })),
      marks.map((one) => h("span", {}, one)),
      call.buttons.map((label) => h("span", { class: "call-button" }, label)),
    ),
  );
}

function eventWords({ what, detail }) {
  if (what === "bot_ended" && detail.code === -9) return w("event_bot_killed");
  const values = { ...detail, names: (detail.names ?? []).map((name) => wordsOr(`fault_${name}`, name)).join(", ") };
  return wordsOr(`event_${what}`, what, values);
}

const GRAVE = new Set(["bot_ended", "bot_given_up", "gateway_lost", "gateway_drop", "gateway_invalid_session", "endpoint_faults"]);
const GLAD = new Set(["bot_started", "gateway_identified", "gateway_resumed", "endpoint_well"]);

/** @returns {HTMLElement} a list item */
export function renderEvent(event) {
  const kind = GRAVE.has(event.what) ? "bad" : GLAD.has(event.what) ? "good" : "plain";
  const time = h("time", { class: "event-time", datetime: new Date(event.at * 1000).toISOString() }, clock(event.at));
  return h("li", { class: `event event-${kind}`, testid: "panel-event", "data-what": event.what }, h("span", { class: "event-words" }, eventWords(event)), time);
}

/** Requests that belong to no turn, folded under one line. */
export class CallGroup {
  constructor() {
    this.count = h("span", {});
    this.list = h("ol", { class: "calls" });
    this.number = 0;
    this.root = h("li", { class: "group" }, h("details", {}, h("summary", {}, this.count), this.list));
  }

  add(call) {
    this.number += 1;
    this.list.append(renderCall(call));
    fill(this.count, w(this.number === 1 ? "otherRequest" : "otherRequests", { n: this.number }), h("span", { class: "event-time" }, clock(call.at)));
  }
}
