"""What the operator has decided, as the services take it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.bootstrap.shards import keeping
from bot.bounds import ADay, Bounds
from bot.config import Config
from bot.domain.chat.prompt import CEILING_TOKENS
from bot.domain.people import Place
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.choices import Listening
from bot.domain.settings.layers import Operator, resolve, with_room
from bot.domain.usage.exposure import Exposure, Pace, exposure_of, in_words
from bot.domain.usage.limits import limits_of
from bot.domain.usage.quota import Amount, Quotas
from bot.services.assembly import Policy
from bot.services.drawing.painting import CALLS_AT_ONCE
from bot.services.model.registry import Models
from bot.services.queue.coordinator import DRAWINGS_OF_A_USER


def policy_of(config: Config, models: Models) -> Policy:
    """Put together what the configuration decides."""
    return Policy(
        defaults=config.defaults,
        available=available_choices(config, models),
        ceilings=config.bounds.ceilings,
        totals=total_quotas(config.bounds),
        keeping=keeping(config),
    )


def exposure(config: Config) -> tuple[Operator, Quotas, Exposure]:
    """Work out what one stranger could spend in a day, with what bounds it."""
    operator = Operator(
        defaults=with_room(config.defaults), available=allowed_models(config.bounds), ceilings=config.bounds.ceilings
    )
    totals = total_quotas(config.bounds)
    pace = Pace(
        turns=config.turns_at_once_per_person,
        drawings=DRAWINGS_OF_A_USER,
        pictures=CALLS_AT_ONCE,
        processes=-(-(config.shard_count or 1) // len(config.shard_ids)) if config.shard_ids else 1,
    )
    return operator, totals, exposure_of(operator, totals, pace, longest_question=CEILING_TOKENS)


def unbounded(config: Config) -> str:
    """Say at the start what one stranger could spend in a day if no quota is set anywhere; empty where one is."""
    operator, totals, found = exposure(config)
    if totals or limits_of(resolve(operator, ()).settings, Place(channel_id=1, guild_id=1)):
        return ""
    return in_words(found)


def available_choices(config: Config, models: Models) -> Mapping[str, frozenset[str]]:
    """Say which choices of settings this configuration makes possible."""
    listening = {Listening.ADDRESSED.value} | ({Listening.ALL.value} if config.discord_message_content else set())
    allowed = allowed_models(config.bounds)
    for key, own in (("chat_model", config.openai_chat_model), ("image_model", config.openai_image_model)):
        if key in allowed:
            allowed[key] |= {own}
    return {**allowed, "provider": models.names | {"operator"}, "listening": frozenset(listening)}


def allowed_models(bounds: Bounds) -> dict[str, frozenset[str]]:
    """List the models that may be chosen, by setting; with the empty name, of the one set up, where there is one."""
    found: dict[str, frozenset[str]] = {}
    for key, names in bounds.models.items():
        own = {""} if CATALOGUE[key].default == "" else set()
        found[key] = frozenset(names) | own
    return found


def total_quotas(bounds: Bounds) -> Quotas:
    """Return the quotas that hold over all guilds and direct messages."""
    return Quotas(everywhere=_amount(bounds.person), bot=_amount(bounds.bot))


def _amount(a_day: ADay) -> Amount:
    return Amount(calls=a_day.calls, tokens=a_day.tokens, pictures=a_day.pictures)
