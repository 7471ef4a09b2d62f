// What messages carry beside words: forwards, polls and their results, stickers. Plain, and all of it text nodes.

import { h, icon } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { renderComponents } from "./components.js";
import { renderEmbed } from "./embeds.js";
import { renderAttachments } from "./media.js";
import { renderInline, renderMarkdown, renderPreview } from "../text/render.js";
import { dateTime, shortTime } from "../base/time.js";

export const FORWARD = 1; // Discord's type of reference
const PREVIEW = 160; // characters

/** What a message forwards, behind a bar; null where it forwards nothing. */
export function renderForward(message, around, openPlace) {
  if (!message.message_snapshots?.length) return null;
  const head = h("p", { class: "forward-head" }, icon("forward"), h("em", {}, t("forwarded")));
  const copies = message.message_snapshots.map(({ message: copy }) => renderCopy(copy, around));
  return h("div", { class: "forward", testid: "forward" }, head, copies, origin(message, around.store, openPlace));
}

function renderCopy(copy, around) {
  const inert = { ...around, message: { ...around.message, attachments: copy.attachments } };
  return [
    copy.content ? renderMarkdown(copy.content, around.names) : null,
    renderStickers(copy.sticker_items),
    copy.components?.length ? null : renderAttachments(copy.attachments ?? [], around.names),
    (copy.embeds ?? []).map((embed) => renderEmbed(embed, around.names)),
    // A copy's buttons do nothing in Discord either.
    copy.components?.length ? h("div", { inert: true }, renderComponents(copy.components, { ...inert, act: () => undefined })) : null,
  ];
}

function origin(message, store, openPlace) {
  const { channel_id: id, message_id: original } = message.message_reference ?? {};
  const channel = store.channels.get(id);
  const time = new Date(message.message_snapshots[0].message.timestamp);
  const when = h("time", { datetime: time.toISOString(), title: dateTime(time) }, shortTime(time));
  if (!channel?.name) return h("p", { class: "forward-foot" }, when);
  const place = h("button", { type: "button", class: "text-button", onclick: () => openPlace(id, original) }, `#${channel.name}`);
  return h("p", { class: "forward-foot" }, place, " · ", when);
}

/** A poll with a bar for each answer; pressing one votes. @param {(answer: number, remove: boolean) => void} vote */
export function renderPoll(poll, vote) {
  const { results = { answer_counts: [], is_finalized: false } } = poll;
  const total = results.answer_counts.reduce((sum, one) => sum + one.count, 0);
  const closed = results.is_finalized || (poll.expiry !== null && Date.parse(poll.expiry) <= Date.now());
  const answers = poll.answers.map(({ answer_id: id, poll_media: media }) => {
    const counted = results.answer_counts.find((one) => one.id === id) ?? { count: 0, me_voted: false };
    const percent = total ? Math.round((counted.count / total) * 100) : 0;
    const bar = h("meter", { class: "poll-bar", min: "0", max: "100", value: String(percent), "aria-hidden": "true" });
    const words = h("span", { class: "poll-answer-text" }, media.emoji?.name ? `${media.emoji.name} ` : null, media.text);
    const count = h("span", { class: "poll-count" }, `${counted.count} · ${percent}%`);
    const properties = { type: "button", class: "poll-answer", testid: "poll-answer", disabled: closed, "aria-pressed": String(Boolean(counted.me_voted)), onclick: () => vote(id, Boolean(counted.me_voted)) };
    return h("button", properties, words, count, bar);
  });
  const rule = closed ? t("pollClosed") : poll.allow_multiselect ? t("pollSeveral") : t("pollOne");
  return h("section", { class: "poll", testid: "poll", "aria-label": t("pollPreview", { question: poll.question.text }) }, h("strong", { class: "poll-question" }, poll.question.text), h("span", { class: "poll-rule" }, rule), answers, h("span", { class: "poll-rule" }, total === 1 ? t("pollVote") : t("pollVotes", { n: total })));
}

/** The result of a poll, which Discord tells as fields of an embed. */
export function renderPollResult(embed) {
  const told = Object.fromEntries((embed.fields ?? []).map(({ name, value }) => [name, value]));
  const winner = told.victor_answer_text ? `${told.victor_answer_emoji_name ?? ""} ${told.victor_answer_text}`.trim() : "—";
  return h("section", { class: "poll", testid: "poll-result" }, h("strong", { class: "poll-question" }, told.poll_question_text), h("span", {}, winner, ` · ${told.victor_answer_votes ?? 0}/${told.total_votes ?? 0}`));
}

export function renderStickers(stickers) {
  return (stickers ?? []).map(({ name }) => h("p", { class: "sticker", testid: "sticker" }, t("sticker", { name })));
}

/** A message in a line, for the reply to it. */
export function previewWords(message, names) {
  const copy = message.message_snapshots?.[0]?.message;
  const { content } = copy ?? message;
  const head = copy ? `${t("forwarded")}: ` : null;
  if (content) return [head, renderPreview(content.slice(0, PREVIEW), names)];
  if (message.poll) return [h("em", {}, t("pollPreview", { question: message.poll.question.text }))];
  const [embed] = (copy ?? message).embeds ?? [];
  const title = embed?.title ?? embed?.description;
  if (title) return [head, renderInline(title.slice(0, PREVIEW), names)];
  return [head, h("em", {}, t("attachmentOnly"))];
}
