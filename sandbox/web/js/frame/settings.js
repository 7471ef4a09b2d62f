// The dialog with the page's own settings and the keys that it knows.

import { fill, h } from "../base/dom.js";
import { locale, t } from "../base/i18n.js";
import { openDialog } from "../base/overlay.js";
import { chooseTheme, chosenTheme } from "../base/preferences.js";

/** @param {{language: (locale: string) => void, changed: () => void}} actions */
export function openSettings(actions) {
  const { dialog, body } = openDialog(t("settings"), { testid: "settings-dialog" });
  const looks = [["", t("themeSystem")], ["dark", t("darkTheme")], ["light", t("lightTheme")]];
  const languages = [["en-US", "English"], ["zh-CN", "中文（简体）"]];
  fill(
    body,
    radios("theme", t("appearance"), looks, chosenTheme() ?? "", (value) => {
      chooseTheme(value);
      actions.changed();
    }),
    radios("language", t("language"), languages, locale(), (value) => {
      dialog.close();
      actions.language(value);
    }),
    h("h3", { class: "settings-title" }, t("keyboard")),
    h("table", { class: "keys" }, h("thead", { class: "visually-hidden" }, h("tr", {}, h("th", { scope: "col" }, t("keys")), h("th", { scope: "col" }, t("whatTheyDo")))), h("tbody", {}, shortcuts().map(([keys, words]) => h("tr", {}, h("td", {}, keys.map((key) => h("kbd", {}, key))), h("td", {}, words))))),
  );
}

function radios(name, title, entries, current, choose) {
  const rows = entries.map(([value, label]) => h("label", { class: "choice" }, h("input", { type: "radio", name: `settings-${name}`, value, checked: value === current, onchange: () => choose(value) }), h("span", {}, label)));
  return h("fieldset", { class: "settings-group", testid: `settings-${name}` }, h("legend", { class: "settings-title" }, title), rows);
}

function shortcuts() {
  return [
    [["Ctrl", "/"], t("keyHelp")],
    [["Alt", "↑ ↓"], t("keyChannels")],
    [["Alt", "Shift", "↑ ↓"], t("keyUnread")],
    [["F6"], t("keyRegions")],
    [["Esc"], t("keyEscape")],
    [["/", "@", "#"], t("keyCompletion")],
    [["↑"], t("keyEditLast")],
    [["↑ ↓", "Home", "End"], t("keyMessages")],
    [["R", "E", "Del"], t("keyMessage")],
    [["Enter"], t("keyMenu")],
  ];
}
