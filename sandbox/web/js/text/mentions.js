// Between what a person types (@Fusion, #general) and what Discord's messages carry (<@id>, <#id>).

import { displayName } from "../base/dom.js";

const CATEGORY = 4;
const CODE = /(```[\s\S]*?```|`[^`\n]+`)/;

/** What can be mentioned in the channel that is open. @param {import("../net/state.js").Store} store */
function known(store) {
  const guild = store.guild();
  return {
    members: store.membersOf(store.channel).filter(Boolean),
    channels: (guild?.channels ?? []).filter((channel) => channel.type !== CATEGORY),
    roles: mentionableRoles(store),
  };
}

/** The roles of the open channel's server that can be named: @everyone and the bots' own, which are called as they are, aside. */
export function mentionableRoles(store) {
  return (store.guild()?.roles ?? []).filter((role) => role.mentionable && !role.managed && role.id !== store.channel.guild_id);
}

/** The text to send: names of members, roles and channels as mentions, code left alone. */
export function toWire(text, store) {
  const { members, channels, roles } = known(store);
  const names = [];
  for (const member of members) {
    for (const name of new Set([displayName(member), member.username].filter(Boolean))) names.push([`@${name}`, `<@${member.id}>`]);
  }
  for (const role of roles) names.push([`@${role.name}`, `<@&${role.id}>`]); // after people of the same name
  for (const channel of channels) names.push([`#${channel.name}`, `<#${channel.id}>`]);
  names.sort((a, b) => b[0].length - a[0].length);
  return text
    .split(CODE)
    .map((part, n) => (n % 2 ? part : replaceNames(part, names)))
    .join("");
}

function replaceNames(part, names) {
  let out = "";
  let i = 0;
  while (i < part.length) {
    const mark = part[i];
    const found = (mark === "@" || mark === "#") && startsWord(part, i) ? names.find(([name]) => matches(part, i, name)) : null;
    out += found ? found[1] : mark;
    i += found ? found[0].length : 1;
  }
  return out;
}

// "<@1>" is a mention already, and "a@b" an address.
function startsWord(part, i) {
  return !/[\w<&/]/.test(part[i - 1] ?? " ");
}

function matches(part, i, name) {
  if (part.slice(i, i + name.length).toLowerCase() !== name.toLowerCase()) return false;
  return !/[\w-]/.test(part[i + name.length] ?? " ") || !/\w$/.test(name);
}

/** The text to edit: the reverse. */
export function fromWire(text, store) {
  const { members, channels, roles } = known(store);
  const titles = new Map(roles.map((role) => [role.id, role.name]));
  const people = new Map(members.map((member) => [member.id, displayName(member)]));
  const places = new Map(channels.map((channel) => [channel.id, channel.name]));
  return text
    .replace(/<@!?(\d+)>/g, (whole, id) => (people.has(id) ? `@${people.get(id)}` : whole))
    .replace(/<@&(\d+)>/g, (whole, id) => (titles.has(id) ? `@${titles.get(id)}` : whole))
    .replace(/<#(\d+)>/g, (whole, id) => (places.has(id) ? `#${places.get(id)}` : whole));
}
