// How ids in a message's text are told to the one who reads it.

import { displayName } from "../base/dom.js";
import { t } from "../base/i18n.js";

/**
 * @param {(channel: string, message?: string) => void} open go to a channel, or to a message there
 * @returns {import("./render.js").Names}
 */
export function namesFor(store, channel, message, open) {
  const inMessage = (id) => [...(message?.mentions ?? []), message?.author].find((user) => user?.id === id);
  return {
    me: store.me.id,
    t,
    user: (id) => {
      const user = store.member(id, channel) ?? inMessage(id);
      return user ? displayName(user) : null;
    },
    role: (id) => store.guild(channel?.guild_id)?.roles.find((role) => role.id === id)?.name ?? null,
    channel: (id) => store.channels.get(id)?.name ?? null,
    hasChannel: (id) => store.channels.has(id),
    openChannel: (id) => open(id),
    openPlace: open,
  };
}
