"""What one stranger could have the bot spend in a day: a bound, worked out from what the operator has set.

For operators alone, so the words are English, like the ranges of ``bot.domain.settings.kinds``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.model.tokens import estimate_tokens
from bot.domain.settings.catalogue import CATALOGUE, Settings
from bot.domain.settings.kinds import Text, Value, Whole
from bot.domain.settings.layers import Operator, resolve
from bot.domain.settings.scopes import Ceiling, Target
from bot.domain.usage.limits import cost_of
from bot.domain.usage.quota import Cost, Quotas
from bot.errors import Holder, Resource

DAY_S: Final = 24 * 3600
TURN_S: Final = 10.0
"""How long a turn is taken to last at least. An assumption: the longer the answers, the fewer there are in a day."""
TOTALS: Final = (Holder.EVERYWHERE, Holder.BOT)
"""Those whose quotas hold over all servers; another one begins anew in each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many turns and drawings of one user run at once in a process, and how many pictures are made there in all.

    ``processes`` share the shards: somebody with servers in each has as much of all of them.
    """

    turns: int
    drawings: int
    pictures: int
    processes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The most that one user may use in a day, by talking and drawing at the same time.

    ``price`` is that of the tokens and the pictures; None where no price is set. ``timed``: nothing but time bounds
    the requests or the pictures.
    """

    calls: int
    tokens: int
    pictures: int
    price: Cost | None
    timed: bool
    pace: Pace


def exposure_of(operator: Operator, totals: Quotas, pace: Pace, *, longest_question: int) -> Exposure:
    """Work out the bound for somebody who has the bot in as many servers of their own as they like.

    There they set what a server may set, up to the operator's ceilings; quotas of a server hold in each anew, so that
    ``totals`` alone bound them. ``longest_question`` is what a question may have, in tokens, whatever is remembered.
    """
    most = dearest(operator)
    persona = CATALOGUE["persona"].kind
    persona_tokens = estimate_tokens("字" * persona.longest) if isinstance(persona, Text) else 0
    a_call = max(most.context_tokens, longest_question) + persona_tokens + most.max_new_tokens
    # Each picture of a drawing is a call of its own at some endpoints, and each question may turn out to want one.
    at_once = pace.turns + min(pace.drawings * most.max_count, pace.pictures)
    in_time = int(pace.processes * at_once * DAY_S / TURN_S)
    calls = _within(totals, Resource.CALLS, in_time)
    pictures = _within(totals, Resource.PICTURES, calls)
    tokens = _within(totals, Resource.TOKENS, calls * a_call)
    return Exposure(
        calls=calls,
        tokens=tokens,
        pictures=pictures,
        price=cost_of(most, tokens=tokens, pictures=pictures),
        timed=in_time in (calls, pictures),
        pace=pace,
    )


def dearest(operator: Operator) -> Settings:
    """Return the settings of a server that has set all that has a ceiling to the most that the operator allows."""
    most: dict[str, Value] = {}
    for key, entry in CATALOGUE.items():
        allowed = operator.most(entry)
        if allowed is not None:
            most[key] = allowed
        elif entry.ceiling is Ceiling.APART and isinstance(entry.kind, Whole):
            most[key] = entry.kind.high
    return resolve(operator, [(Target.guild(1), most)]).settings


def in_words(exposure: Exposure) -> str:
    """Say what one user could spend in a day, and how that is worked out."""
    could = (
        f"one user could have {exposure.calls:,} requests made in a day, with {_counted(exposure.tokens)} tokens "
        f"and {exposure.pictures:,} pictures in all"
    )
    if exposure.price is not None:
        could += f": about {written_price(exposure.price)}"
    if exposure.timed:
        pace = exposure.pace
        each = f" in each of {pace.processes} processes" if pace.processes > 1 else ""
        could += (
            f" ({pace.turns} questions and {pace.drawings} drawings at once{each}, each of {TURN_S:.0f} s, as long as "
            "the ceilings allow)"
        )
    return could


def written_price(price: Cost) -> str:
    """Write an amount of money, without places where it is large."""
    return f"{price.amount:,.{0 if price.amount >= 100 else 2}f} {price.currency}".strip()


def _counted(tokens: int) -> str:
    return f"{tokens:,}" if tokens < 10_000_000 else f"{tokens / 1_000_000:,.0f} million"


def _within(totals: Quotas, resource: Resource, amount: int) -> int:
    limits = (totals.of(holder).of(resource) for holder in TOTALS)
    return min(amount, *(limit or amount for limit in limits))
