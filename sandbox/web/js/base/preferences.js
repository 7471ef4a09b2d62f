// What this browser remembers: theme, language, person, channel. Storage may be refused: then nothing is kept.

const PREFIX = "fusion-bot-demo.";
const SYSTEM = window.matchMedia("(prefers-color-scheme: dark)");

export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

function forget(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Nothing was kept.
  }
}

/** @returns {string | null} "dark" or "light" if one was chosen, else the system's counts */
export function chosenTheme() {
  return recall("theme");
}

/** @param {string} value "dark", "light", or "" for the system's */
export function chooseTheme(value) {
  if (value) remember("theme", value);
  else forget("theme");
  applyTheme();
}

export function theme() {
  return document.documentElement.dataset.theme;
}

/** Theme of the system unless one was chosen; follows the system while none was. */
export function startTheme() {
  SYSTEM.addEventListener("change", applyTheme);
  applyTheme();
}

function applyTheme() {
  document.documentElement.dataset.theme = recall("theme") ?? (SYSTEM.matches ? "dark" : "light");
}

export function toggleTheme() {
  chooseTheme(theme() === "dark" ? "light" : "dark");
}
