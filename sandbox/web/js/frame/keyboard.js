// Keys that work everywhere on the page; those of lists and fields are with them. The dialog of settings.js tells them.

const REGIONS = [".rail button[tabindex='0']", ".channels button[tabindex='0']", ".message[tabindex='0']", "#composer-input, .command-form input", "#panel button"];

/** @param {{store: import("../net/state.js").Store, open: (id: string) => void, help: () => void, escape: () => void}} page */
export function listenForKeys(page) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open], .menu")) return;
    if (event.key === "/" && (event.ctrlKey || event.metaKey)) page.help();
    else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) step(page, event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
    else if (event.key === "F6") turn(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") return page.escape();
    else return;
    event.preventDefault();
  });
}

/** Open the next channel of this place, or the next with something unread. */
function step({ store, open }, by, unread) {
  const places = [...document.querySelectorAll(".channels [data-channel]")].map((one) => one.dataset.channel);
  const wanted = places.filter((id) => id === store.selected.channel || !unread || store.unread.has(id));
  const at = wanted.indexOf(store.selected.channel);
  const next = wanted[(at + by + wanted.length) % wanted.length];
  if (next && next !== store.selected.channel) open(next);
}

/** Go to the next part of the page. */
function turn(by) {
  const found = REGIONS.map((selector) => [...document.querySelectorAll(selector)].find((one) => one.checkVisibility({ visibilityProperty: true }))).filter(Boolean);
  const groups = found.map((one) => one.closest("nav, #timeline, #composer, #panel") ?? one);
  const at = groups.findIndex((group) => group.contains(document.activeElement));
  found[(at + by + found.length) % found.length]?.focus();
}
