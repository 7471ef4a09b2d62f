// What one can send beside text: the menu of the composer's plus, and the form for a poll.

import { fill, h } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { openDialog, openMenu } from "../base/overlay.js";

const QUESTION_CHARACTERS = 300;
const ANSWER_CHARACTERS = 55;
const MOST_ANSWERS = 10;

/**
 * Offer what can be sent here. @param {{attach: (() => void) | null, post: (call: string, body?: object) => void}} acts
 *   `attach` is null where no files may be sent
 */
export function offerMore(anchor, { attach, post }) {
  const entries = [
    attach ? { label: t("attach"), act: attach } : null,
    { label: t("poll"), act: () => startPoll(post) },
    { label: t("stickerSend"), act: () => post("sticker") },
    attach ? { label: t("voiceSend"), act: () => post("voice") } : null,
  ];
  openMenu(anchor, t("addMore"), entries.filter(Boolean));
}

async function startPoll(post) {
  const poll = await askForPoll();
  if (poll) post("poll", poll);
}

/** Ask for a question and its answers. @returns {Promise<{question: string, answers: string[], multiselect: boolean} | null>} */
function askForPoll() {
  return new Promise((resolve) => {
    let answer = null;
    const { dialog, body } = openDialog(t("poll"), { testid: "poll-dialog", onclose: () => resolve(answer) });
    const question = h("input", { class: "field", id: "poll-question", maxlength: QUESTION_CHARACTERS, required: true, autocomplete: "off" });
    const answers = h("textarea", { class: "field", id: "poll-answers", required: true, rows: "4" });
    const several = h("input", { type: "checkbox", id: "poll-several" });
    const field = (input, label) => h("div", { class: "modal-field" }, h("label", { class: "field-label", for: input.id }, label), input);
    const choice = h("label", { class: "time-choice" }, several, h("span", {}, t("pollSeveral")));
    const form = h("form", { method: "dialog" }, h("div", { class: "modal-fields" }, field(question, t("pollQuestion")), field(answers, t("pollAnswers")), choice), h("div", { class: "dialog-foot" }, h("button", { class: "button button-primary" }, t("create"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const lines = answers.value.split("\n").map((line) => line.trim().slice(0, ANSWER_CHARACTERS)).filter(Boolean);
      answer = { question: question.value.trim(), answers: lines.slice(0, MOST_ANSWERS), multiselect: several.checked };
      dialog.close();
    });
    fill(body, form);
    question.focus();
  });
}
