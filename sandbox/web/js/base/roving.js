// One stop for Tab in a group of buttons; arrows go on within it.

/**
 * @param {HTMLElement} group holds the buttons, which may come and go
 * @param {{selector?: string, forward?: string, back?: string}} keys
 * @returns {() => void} to be called after the buttons were made anew
 */
export function rove(group, { selector = "button", forward = "ArrowDown", back = "ArrowUp" } = {}) {
  const all = () => [...group.querySelectorAll(selector)].filter((one) => !one.disabled);
  const stopAt = (wanted) => {
    for (const one of all()) one.tabIndex = one === wanted ? 0 : -1;
  };
  group.addEventListener("keydown", (event) => {
    const buttons = all();
    const at = buttons.indexOf(event.target.closest(selector));
    const to = { [forward]: at + 1, [back]: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined || !buttons[to] || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    stopAt(buttons[to]);
    buttons[to].focus();
  });
  return () => {
    const buttons = all();
    stopAt(buttons.find((one) => one === document.activeElement) ?? buttons.find((one) => one.hasAttribute("aria-current")) ?? buttons[0]);
  };
}
