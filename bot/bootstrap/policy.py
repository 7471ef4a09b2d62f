"""What the operator has decided, as the services take it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.bootstrap.shards import keeping
from bot.bounds import ADay, Bounds
from bot.config import Config
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.choices import Listening
from bot.domain.usage.quota import Amount, Quotas
from bot.services.assembly import Policy
from bot.services.model.registry import Models


def policy_of(config: Config, models: Models) -> Policy:
    """Put together what the configuration decides."""
    return Policy(
        defaults=config.defaults,
        available=available_choices(config, models),
        ceilings=config.bounds.ceilings,
        totals=total_quotas(config.bounds),
        keeping=keeping(config),
    )


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
