// A select with descriptions, one value or several, by mouse and by keyboard; used in messages and modals.

import { displayName, fill, h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { countInWords } from "./validate.js";

const MOST_OPTIONS = 100; // of a server's members: enough to choose from in a demonstration
const MOST_HIGH_PX = 260; // of an open list, its distance from the button included
const TYPED_MS = 700; // letters typed within this time belong together
let serial = 0;

/** The options of a select component of any kind: {value, label, description, chosen}. */
export function optionsFor(component, store, channel) {
  const chosen = new Set((component.default_values ?? []).map((value) => value.id));
  const option = (id, label) => ({ value: id, label, chosen: chosen.has(id) });
  const users = () => store.membersOf(channel).map((user) => option(user.id, displayName(user)));
  const roles = () => (store.guild(channel?.guild_id)?.roles ?? []).map((role) => option(role.id, `@${role.name.replace(/^@/, "")}`));
  switch (component.type) {
    case 5:
      return users().slice(0, MOST_OPTIONS);
    case 6:
      return roles().slice(0, MOST_OPTIONS);
    case 7:
      return [...users(), ...roles()].slice(0, MOST_OPTIONS);
    case 8:
      return (store.guild(channel?.guild_id)?.channels ?? [])
        .filter((other) => !component.channel_types?.length || component.channel_types.includes(other.type))
        .map((other) => option(other.id, `#${other.name}`))
        .slice(0, MOST_OPTIONS);
    default:
      return component.options.map((each) => ({
        value: each.value,
        label: `${each.emoji?.name ? `${each.emoji.name} ` : ""}${each.label}`,
        description: each.description,
        chosen: Boolean(each.default),
      }));
  }
}

/**
 * @param {{label: string, options: object[], min: number, max: number, disabled?: boolean, labelledby?: string,
 *   each?: boolean, onchoose: (values: string[]) => void}} settings with `max` above 1 the choice is made when the list
 *   closes, with `each` at each step; too few are as none chosen anew
 */
export function selectControl(settings) {
  const { label, options, min, max, disabled, labelledby, each = false, onchoose } = settings;
  const several = max > 1;
  const id = `select-${(serial += 1)}`;
  const chosen = new Set(options.filter((option) => option.chosen).map((option) => option.value));
  let active = -1;
  let before = [];
  let typed = "";
  let typedAt = 0;

  const text = h("span", { class: "select-text" });
  const trigger = h(
    "button",
    { type: "button", class: "select-trigger", role: "combobox", id, disabled, "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-label": labelledby ? null : label, "aria-labelledby": labelledby, testid: "select" },
    text,
    icon("down"),
  );
  const list = h("div", { class: "select-list", role: "listbox", id: `${id}-list`, "aria-label": label, "aria-multiselectable": several ? "true" : null, hidden: true });
  const root = h("div", { class: "select" }, trigger, list);
  const rows = options.map((option, n) =>
    h(
      "div",
      { class: "select-option", role: "option", id: `${id}-${n}`, "data-value": option.value, testid: "select-option", onclick: () => pick(n), onpointermove: () => move(n) },
      h("span", { class: "select-check" }, several ? icon("check") : null),
      h("span", { class: "select-words" }, h("span", {}, option.label), option.description ? h("small", {}, option.description) : null),
    ),
  );
  fill(list, rows, several ? h("div", { class: "select-note", role: "presentation" }, countInWords(min, max)) : null);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the button keeps the focus, and with it the keys

  function tell() {
    const names = options.filter((option) => chosen.has(option.value)).map((option) => option.label);
    text.textContent = names.join(", ") || label;
    text.classList.toggle("placeholder", names.length === 0);
    rows.forEach((row, n) => row.setAttribute("aria-selected", String(chosen.has(options[n].value))));
  }

  function move(n) {
    rows[active]?.classList.remove("active");
    active = Math.max(0, Math.min(rows.length - 1, n));
    rows[active]?.classList.add("active");
    rows[active]?.scrollIntoView({ block: "nearest" });
    trigger.setAttribute("aria-activedescendant", `${id}-${active}`);
  }

  function open() {
    if (!list.hidden) return;
    before = [...chosen];
    list.hidden = false;
    // Where it is cut off: the list of messages or the dialog that it stands in.
    const place = trigger.getBoundingClientRect();
    const frame = root.closest(".scroller, .dialog")?.getBoundingClientRect() ?? { top: 0, bottom: window.innerHeight };
    const below = Math.min(frame.bottom, window.innerHeight) - place.bottom;
    const above = place.top - Math.max(frame.top, 0);
    root.classList.toggle("upwards", below < Math.min(MOST_HIGH_PX, list.scrollHeight + 12) && above > below);
    trigger.setAttribute("aria-expanded", "true");
    move(Math.max(0, options.findIndex((option) => chosen.has(option.value))));
    document.addEventListener("pointerdown", outside);
  }

  function close() {
    if (list.hidden) return;
    list.hidden = true;
    trigger.setAttribute("aria-expanded", "false");
    trigger.removeAttribute("aria-activedescendant");
    document.removeEventListener("pointerdown", outside);
    if (!several || each) return;
    if (chosen.size < min) {
      chosen.clear();
      for (const value of before) chosen.add(value);
      tell();
    } else if (chosen.size !== before.length || before.some((value) => !chosen.has(value))) onchoose([...chosen]);
  }

  function outside(event) {
    if (!root.contains(event.target)) close();
  }

  function pick(n) {
    const { value } = options[n];
    if (!several) {
      chosen.clear();
      chosen.add(value);
      tell();
      close();
      onchoose([value]);
      return;
    }
    if (chosen.has(value)) chosen.delete(value);
    else if (chosen.size < max) chosen.add(value);
    tell();
    if (each) onchoose([...chosen]);
  }

  /** Go to the next option that begins with what is typed. */
  function find(character) {
    const now = Date.now();
    typed = now - typedAt < TYPED_MS ? typed + character : character;
    typedAt = now;
    const wanted = typed.toLowerCase();
    const from = typed.length > 1 ? active : active + 1;
    const order = [...rows.keys()].map((n) => (n + Math.max(0, from)) % rows.length);
    const found = order.find((n) => options[n].label.toLowerCase().replace(/^[@#]/, "").startsWith(wanted));
    if (found !== undefined) move(found);
  }

  function key(event) {
    if (list.hidden) {
      if (["ArrowDown", "ArrowUp"].includes(event.key)) {
        event.preventDefault();
        open();
      }
      return;
    }
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 };
    if (event.key in moves) move(moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") pick(active);
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") return close();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) find(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  trigger.addEventListener("click", () => (list.hidden ? open() : close()));
  trigger.addEventListener("keydown", key);
  trigger.title = several ? countInWords(min, max) : "";
  tell();
  return root;
}
