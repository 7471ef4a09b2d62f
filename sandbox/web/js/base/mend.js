// Draws anew what differs and leaves the rest alone: a click that begins on a button ends on the same one, however
// often what stands around it changes meanwhile, and the focus stays where it is.

import { append } from "./dom.js";

/**
 * Give an element other content. What has the same `data-key` as before is kept, with its listeners: they must do the
 * same for the same key. What has no key must have no listeners.
 */
export function mend(parent, ...children) {
  alterChildren(parent, append(document.createDocumentFragment(), children));
}

function alterChildren(parent, wanted) {
  let at = parent.firstChild;
  for (const fresh of [...wanted.childNodes]) {
    let same = at;
    while (same && !alike(same, fresh)) same = same.nextSibling;
    if (!same) {
      parent.insertBefore(fresh, at);
      continue;
    }
    while (at !== same) at = next(at);
    alter(same, fresh);
    at = same.nextSibling;
  }
  while (at) at = next(at);
}

/** Take a node away and return the one after it. */
function next(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

function alike(before, after) {
  return before.nodeName === after.nodeName && key(before) === key(after);
}

/** An item of a list is known by what stands in it. */
function key(node) {
  const keyed = node.nodeName === "LI" ? node.querySelector("[data-key]") : node;
  return keyed?.dataset?.key;
}

function alter(before, after) {
  if (before.nodeType !== Node.ELEMENT_NODE) {
    if (before.data !== after.data) before.data = after.data;
    return;
  }
  for (const { name, value } of after.attributes) if (before.getAttribute(name) !== value) before.setAttribute(name, value);
  // Where Tab stops is not told by what is drawn: see roving.js.
  for (const { name } of [...before.attributes]) if (name !== "tabindex" && !after.hasAttribute(name)) before.removeAttribute(name);
  alterChildren(before, after);
}
