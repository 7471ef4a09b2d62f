// What the local Discord refuses, in the reader's language where its code is known, else in its own words.

import { t } from "../base/i18n.js";

/** @param {import("./api.js").ApiError} error */
export function refusalWords({ code, message, status }) {
  switch (code) {
    case 10003:
    case 10004:
    case 50001:
      return t("refusedPlace");
    case 10008:
      return t("notFound");
    case 10062:
      return t("refusedLate");
    case 10063:
      return t("refusedCommand");
    case 30010:
      return t("refusedReactions");
    case 40005:
      return t("refusedSize");
    case 50006:
      return t("refusedEmpty");
    case 50013:
      return t("refusedRights");
    case 160004:
      return t("refusedThread");
    case 160005:
      return t("threadLocked");
    default:
      return status ? t("refused", { words: message }) : t("unreachable");
  }
}
