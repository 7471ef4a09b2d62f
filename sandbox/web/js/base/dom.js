// Elements are only ever made here and by the platform's own methods: text goes in as text nodes, so that
// nothing a person or a bot writes can become markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `on…` properties become listeners, `testid` becomes data-testid, true gives an empty attribute;
 * null, undefined and false are left out. Children may be nodes, strings, arrays of those, or null.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "testid") element.dataset.testid = value;
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child);
  }
  return parent;
}

export function fill(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  hash: "M9.5 4 8 20M16 4l-1.5 16M4.5 9h15.5M4 15h15.5",
  thread: "M5 5h14v10h-8l-4 4v-4H5zM9 9h7M9 12h4",
  at: "M15.5 12a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zm0-3.5V13a2.4 2.4 0 0 0 4.8 0v-1A8.3 8.3 0 1 0 17 18.7",
  reply: "M10 6 4 12l6 6M4 12h9a7 7 0 0 1 7 6",
  forward: "m14 6 6 6-6 6M20 12h-9a7 7 0 0 0-7 6",
  edit: "m14.5 5.5 4 4L8.5 19.500H4.500v-4zM12.5 7.500l4 4",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  more: "M5 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0zM11 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0zM17 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0z",
  send: "M4 12 20 4l-5 16-3.5-6.500zM11.5 13.5 20 4",
  plus: "M12 5v14M5 12h14",
  close: "m6 6 12 12M18 6 6 18",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M5.3 18.700l1.4-1.400M17.3 6.700l1.4-1.4",
  moon: "M19.5 14.200A8 8 0 0 1 9.8 4.500a8 8 0 1 0 9.7 9.700z",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.5 6 3.5 9S15 18 12 21M12 3c-3 3-3.5 6-3.5 9S9 18 12 21",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  file: "M7 3.500h7l4.5 4.500v12.500H7zM14 3.500V8h4.5",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 14.500v2",
  news: "M4 10v4h3l7 4V6l-7 4zM17 9.500a3.500 3.500 0 0 1 0 5M7 14l1.500 5h2.500L9.800 15.600",
  voice: "M4 10v4h3l5 4V6l-5 4zM15.500 9.500a3.500 3.500 0 0 1 0 5M18 7a7 7 0 0 1 0 10",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2.500-2.500L20 17M14.500 9.500a1 1 0 1 0 2 0 1 1 0 1 0-2 0z",
  forum: "M4 5h11v8H9l-3 3v-3H4zM18 9h2v8h-2v3l-3-3h-4",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10.300 3.500h3.400l.5 2.300 1.900 1.100 2.200-.8 1.700 3-1.700 1.500v2.200l1.700 1.500-1.700 3-2.200-.8-1.900 1.100-.5 2.300h-3.400l-.5-2.300-1.900-1.100-2.200.8-1.700-3 1.700-1.500v-2.200L4 9.100l1.700-3 2.200.8 1.900-1.100z",
  save: "M12 4v11M7 10.500l5 5 5-5M5 20h14",
  left: "m15 5-7 7 7 7",
  right: "m9 5 7 7-7 7",
  down: "m6 9 6 6 6-6",
  external: "M14 5h5v5M19 5l-8 8M17 13.500V19H5V7h5.5",
  check: "m5 12.5 4.5 4.500L19 7.5",
  people: "M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.5 2.5-5.5 6-5.500s6 2 6 5.500M16 5a3.3 3.3 0 0 1 0 6.300M17.5 14.700c2.2.6 3.5 2.5 3.5 5.3",
};

/** A line icon, hidden from screen readers: the control that holds it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, properties = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, ...properties }, icon(name));
}

/** The address if a browser may open it for an untrusted author, else null: http and https only. */
export function safeUrl(address) {
  try {
    const url = new URL(address, window.location.href);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A person's or guild's round picture: their avatar, else initials on a colour that the id decides. */
export function avatar(user, size = "m") {
  const name = displayName(user);
  const holder = h("span", { class: `avatar avatar-${size}`, "aria-hidden": "true" });
  const hue = Number(BigInt(user.id || 0) / 4194304n % 12n) * 30;
  holder.style.setProperty("--hue", String(hue));
  holder.dataset.initials = initials(name); // shown by the style sheet: no text of the page
  if (user.avatar) holder.append(h("img", { src: `/cdn/avatars/${user.id}/${user.avatar}.png`, alt: "" }));
  return holder;
}

export function displayName(user) {
  return user.nick || user.global_name || user.username || user.name || "?";
}

function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [...words[0]][0] + [...words[1]][0] : [...(words[0] || "?")][0];
  return letters.toUpperCase();
}
