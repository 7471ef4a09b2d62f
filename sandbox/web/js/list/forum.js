// A forum channel: its posts, the newest first, and a form for a new one.

import { displayName, fill, h, icon } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { openDialog } from "../base/overlay.js";
import { compareIds, isThread } from "../net/state.js";

const TITLE_CHARACTERS = 100;
const TEXT_CHARACTERS = 2000;

/** @param {import("../net/state.js").Store} store @param {(id: string) => void} open */
export function renderPosts(store, channel, open) {
  const posts = [...store.channels.values()].filter((one) => isThread(one) && one.parent_id === channel.id).sort((a, b) => compareIds(b.id, a.id));
  const rows = posts.map((post) => {
    const author = store.member(post.owner_id, channel);
    const about = [author && displayName(author), t("answers", { n: post.message_count ?? 0 }), post.thread_metadata?.archived ? t("closed") : null].filter(Boolean).join(" · ");
    return h("li", {}, h("button", { type: "button", class: "post", testid: "post", onclick: () => open(post.id) }, icon("thread"), h("span", { class: "post-words" }, h("strong", {}, post.name), h("small", {}, about))));
  });
  return h("div", { class: "beginning", testid: "forum" }, h("h2", {}, `#${channel.name}`), h("p", {}, channel.topic || t("forumBeginning")), rows.length ? h("ul", { class: "posts" }, rows) : h("p", {}, t("noPosts")));
}

/** Ask for a title and a text, of a media channel for a picture too. @returns {Promise<{name: string, content: string, files: File[]} | null>} */
export function askForPost({ picture = false } = {}) {
  return new Promise((resolve) => {
    let answer = null;
    const { dialog, body } = openDialog(t("newPost"), { testid: "post-dialog", onclose: () => resolve(answer) });
    const name = h("input", { class: "field", id: "post-name", maxlength: TITLE_CHARACTERS, required: true, autocomplete: "off" });
    const content = h("textarea", { class: "field", id: "post-content", maxlength: TEXT_CHARACTERS, required: !picture, rows: "5" });
    const file = picture ? h("input", { class: "field", id: "post-file", type: "file", accept: "image/*,video/*", required: true, testid: "post-file" }) : null;
    const field = (input, label) => h("div", { class: "modal-field" }, h("label", { class: "field-label", for: input.id }, label), input);
    const form = h("form", { method: "dialog" }, h("div", { class: "modal-fields" }, field(name, t("postTitle")), field(content, t("postText")), file && field(file, t("postFile"))), h("div", { class: "dialog-foot" }, h("button", { class: "button button-primary" }, t("create"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = { name: name.value, content: content.value, files: file ? [...file.files] : [] };
      dialog.close();
    });
    fill(body, form);
    name.focus();
  });
}
