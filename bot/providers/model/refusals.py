"""What models of chat completions refuse in a request, learnt from their errors and remembered while the bot runs."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from bot.errors import ErrorKind, ProviderError

SYSTEM: Final = "system"
"""The role of the persona."""
USAGE: Final = "stream_options"
LENGTH: Final = "max_tokens"
NEW_LENGTH: Final = "max_completion_tokens"
_MODELS: Final = 200
_OTHER_NAME: Final = re.compile(
    r"max_completion_tokens|not supported|unsupported|unknown|unrecogni|deprecated|不支持", re.IGNORECASE
)
"""What is said of a field that has another name by now, not of a value that is too large."""

_OF_FIELDS: Final = re.compile(
    r"field|param|argument|propert|schema|unknown|unrecogni|unexpected|extra|additional|参数|字段|參數", re.IGNORECASE
)


@dataclass(slots=True, kw_only=True)
class _Known:
    """What is known of one model; ``proven``: it has taken usage figures, or their absence helped nothing.

    ``suspected``: that it refuses usage figures is only a guess.
    """

    refused: frozenset[str] = frozenset()
    proven: bool = False
    suspected: bool = False


class Refusals:
    """Remembers what each of the models that were asked last does not take; the oldest are forgotten."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, _Known] = OrderedDict()

    def of(self, model: str) -> frozenset[str]:
        """Name the fields that a model refuses, ``system`` for that role."""
        return self._models[model].refused if model in self._models else frozenset()

    def prove(self, model: str) -> None:
        """Note that a model took a request as it was written."""
        self._known(model).proven = True

    def learn(self, model: str, error: ProviderError, sent: frozenset[str]) -> bool:
        """Note what a model refused of what was ``sent``; False if the same is not to be asked once more without it.

        A refusal that names no field is put down to the wish for usage figures, which strict servers don't know, until
        the model has taken a request. If it does not even speak of fields, only the next question goes without it.
        """
        known = self._known(model)
        unclear = error.kind is ErrorKind.INVALID_REQUEST and error.status in (400, 422)
        # Another question may have found out meanwhile that it was usage.
        if unclear and (not known.proven or known.suspected):
            return self._suspect(known, error, sent)
        name = self._refused(error, sent)
        if not name:
            return False
        known.refused |= {name}
        return True

    def _suspect(self, known: _Known, error: ProviderError, sent: frozenset[str]) -> bool:
        if USAGE not in sent:
            if known.suspected and not known.proven:  # it was not that, and is suspected no more
                known.refused, known.suspected, known.proven = known.refused - {USAGE}, False, True
            return False
        known.refused, known.suspected = known.refused | {USAGE}, True
        return error.status == 422 or _OF_FIELDS.search(error.detail) is not None

    def _refused(self, error: ProviderError, sent: frozenset[str]) -> str:
        if error.kind is not ErrorKind.REFUSED_PARAMETER:
            return ""
        name = USAGE if error.parameter == "include_usage" else error.parameter
        if name in (LENGTH, NEW_LENGTH):
            if LENGTH in sent and _OTHER_NAME.search(error.detail):
                return LENGTH
            return NEW_LENGTH if {LENGTH, NEW_LENGTH} & sent else ""
        return name if name in sent else ""

    def _known(self, model: str) -> _Known:
        known = self._models.setdefault(model, _Known())
        self._models.move_to_end(model)
        while len(self._models) > _MODELS:
            self._models.popitem(last=False)
        return known
