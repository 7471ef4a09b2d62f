// What this browser remembers: theme, language, person, channel. Storage may be refused: then nothing is kept.

const PREFIX = "fusion-bot-demo.";

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

export function theme() {
  return document.documentElement.dataset.theme;
}

/** Theme of the system unless one was chosen; follows the system while none was. */
export function startTheme() {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.theme = recall("theme") ?? (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", apply);
  apply();
}

export function toggleTheme() {
  const next = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  remember("theme", next);
}
