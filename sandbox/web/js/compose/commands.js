// Slash commands as a person picks them: groups and subcommands flattened into paths.

import { localized } from "../base/i18n.js";

const SUBCOMMAND = 1;
const GROUP = 2;

/**
 * @typedef {object} Command
 * @property {string} path "draw" or "settings show": what the sandbox is told
 * @property {object[]} parts Discord's objects along the path
 * @property {object} leaf the last of them, whose options are filled in
 */

/** @returns {Command[]} chat commands only */
export function flatten(commands) {
  return commands.filter((command) => (command.type ?? 1) === 1).flatMap((command) => leaves([command]));
}

function leaves(parts) {
  const last = parts.at(-1);
  const nested = (last.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === GROUP);
  if (nested.length) return nested.flatMap((option) => leaves([...parts, option]));
  return [{ path: parts.map((part) => part.name).join(" "), parts, leaf: last }];
}

/** The name of a command in the reader's language, groups and all. */
export function localizedPath(command) {
  return command.parts.map((part) => localized(part, "name")).join(" ");
}

/** How the command that a message answers is called, in the reader's language where it is known; "" for none. */
export function usedLabel(commands, message) {
  const name = message.interaction?.name;
  if (!name) return "";
  const { target_message_id: onMessage, target_user: onUser } = message.interaction_metadata ?? {};
  if (onMessage || onUser) {
    const known = commands.find((command) => command.name === name && (command.type ?? 1) !== 1);
    return known ? localized(known, "name") : name;
  }
  const known = flatten(commands).find((command) => command.path === name);
  return `/${known ? localizedPath(known) : name}`;
}

function names(command) {
  return [command.path, localizedPath(command)];
}

/** Commands whose name begins with what was typed after "/". */
export function matching(commands, typed) {
  const wanted = typed.toLowerCase();
  return commands.filter((command) => names(command).some((name) => name.toLowerCase().startsWith(wanted)));
}

/** The command that was typed in full and ended with a space, and the text after it. */
export function findCommand(commands, typed) {
  for (const command of commands) {
    for (const name of names(command)) {
      if (typed.toLowerCase().startsWith(`${name.toLowerCase()} `)) return { command, rest: typed.slice(name.length + 1) };
    }
  }
  return null;
}
