"""What turns may spend and what they have spent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.clock import Clock
from bot.domain.model.calibration import weigh_prompt
from bot.domain.model.messages import PromptMessage
from bot.domain.people import Place
from bot.domain.reply.ending import Ending
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn, TurnState
from bot.domain.usage.counts import Reservation, Settlement, Used
from bot.domain.usage.limits import cost_of, limits_of
from bot.domain.usage.ports import UsageStore
from bot.domain.usage.quota import (
    NO_LIMITS,
    Account,
    Demand,
    Grant,
    Notice,
    QuotaLeft,
    Quotas,
    day_of,
    grant,
    least_answer,
    tightest,
)
from bot.errors import BotError, Holder, QuotaUsedUpError, Resource, Shortage
from bot.services.model.answer import Answer
from bot.services.model.metering import Metering
from bot.services.model.round import Round
from bot.services.model.spending import Terms

logger = logging.getLogger(__name__)

STALE: Final = timedelta(hours=1)
"""No turn takes so long: what it reserved is nobody's any more."""


class QuotaService:
    """Reserves before a call of the model, settles when a turn has ended.

    ``totals`` are the operator's quotas over all places together.
    """

    def __init__(self, store: UsageStore, metering: Metering, clock: Clock, *, totals: Quotas = NO_LIMITS) -> None:
        self._store = store
        self._metering = metering
        self._clock = clock
        self._totals = totals
        self._told: dict[Resource, datetime] = {}
        """When the quotas of everybody are full again that the operator knows to be used up."""

    async def reserve(
        self,
        turn: Round,
        messages: Sequence[PromptMessage],
        *,
        calls: int = 1,
        pictures: int = 0,
        without_pictures: bool = False,
    ) -> Grant:
        """Reserve ``calls`` calls with these messages and ``pictures`` pictures in all, before they are made.

        To be asked anew before every further call of the turn. The grant says how many tokens each answer may have
        (``new_tokens``, at most the setting's ``max_new_tokens``), and why it has no pictures (``shortage``), where
        ``without_pictures`` will do and the quota does not allow them. Where no quota is set nothing is kept.

        Raises ``QuotaUsedUpError`` where a quota does not allow it, and ``StorageError``.
        """
        ask, answer, settings = turn.ask, turn.answer, turn.settings.user
        spending = answer.spending
        new_tokens = settings.max_new_tokens
        calibration = self._metering.of(settings.provider, settings.chat_model)
        prompt_tokens = calibration.prompt_tokens(weigh_prompt(messages, settings.persona))
        demand = Demand(
            calls=calls,
            prompt_tokens=calls * prompt_tokens,
            new_tokens=new_tokens,
            # A picture needs no words.
            least_new_tokens=1 if pictures and not without_pictures else least_answer(new_tokens),
            pictures=pictures,
            without_pictures=without_pictures,
        )
        now = self._clock.now()
        payer = ask.payer or ask.user
        account = account_of(ask.place, payer.id, now) if spending.terms is None else spending.terms.account
        limits = limits_of(settings, ask.place, self._totals)
        used = spending.used(answer.usage, answer.text, pictures=0).amount
        granted: Grant | Shortage
        if limits:
            granted = await self._store.reserve(
                Reservation(turn_id=ask.id, account=account, demand=demand, limits=limits, made_at=now, used=used)
            )
        else:
            granted = grant(demand, limits, Quotas(), account.day)
        if isinstance(granted, Shortage):
            self._tell(granted)
            raise QuotaUsedUpError(granted)
        if granted.shortage is not None:
            self._tell(granted.shortage)
        spent = granted.spent - granted.reserved
        spending.terms = Terms(account=account, settings=settings, limits=limits, spent=spent - used)
        spending.next_prompt_tokens = prompt_tokens
        spending.count = calibration.counter()
        return granted

    def used(self, answer: Answer, ending: Ending) -> Used:
        """Say what a turn has used that ends so; what failed without having given anything costs nothing."""
        pictures = max(len(ending.pictures), len(answer.made))  # what was made counts, whether or not it is shown
        used = answer.spending.used(answer.usage, answer.text, pictures=pictures)
        told = answer.usage.total_tokens or answer.usage.prompt_tokens or answer.usage.completion_tokens
        spending = answer.spending
        came = told or used.pictures or spending.thoughts or len(answer.text) > spending.given_chars
        failed = ending.state in (TurnState.FAILED, TurnState.INTERRUPTED)
        return spending.given_up if failed and not came else used

    def notices(self, answer: Answer, used: Used, *, offered: bool = False) -> tuple[Notice, ...]:
        """Tell what is to be said under an answer: what is left of a quota where it is little, and what it cost.

        Where a picture is ``offered``: what there is of pictures, and what this one will cost.
        """
        terms = answer.spending.terms
        if terms is None:
            return ()
        spent = terms.spent + used.amount
        left = (tightest(resource, terms.limits, spent, terms.account.day) for resource in Resource)
        if offered:
            pictures = tightest(Resource.PICTURES, terms.limits, spent, terms.account.day)
            price = cost_of(terms.settings, tokens=0, pictures=1)
            return tuple(each for each in (pictures, price) if each is not None)
        told = tuple(
            each
            for each in left
            # Of pictures only where one was made: others need not know.
            if each is not None and each.low and (each.resource is not Resource.PICTURES or used.pictures)
        )
        cost = cost_of(terms.settings, tokens=used.total_tokens, pictures=used.pictures)
        return told if cost is None else (*told, cost)

    def settlement(self, ask: Ask, answer: Answer, used: Used) -> Settlement | None:
        """Return what a turn has used, to be counted when it is closed; None if no call was made or refused."""
        terms = answer.spending.terms
        if terms is None:
            return None
        return Settlement(turn_id=ask.id, account=terms.account, used=used, reserved=bool(terms.limits))

    async def settle_orphan(self, turn: Turn, *, pictures: int = 0) -> None:
        """Settle what a turn had reserved that a kill has ended: its call counts, with what is known of its words.

        ``pictures`` are those that came all the same. A failing database is logged.
        """
        try:
            account = await self._store.reserved(turn.id)
            if account is not None:
                count = self._metering.counter("", "")  # with which model is not known any more
                prompt, completion = count(turn.prompt), count(turn.text)
                used = Used(
                    calls=1,
                    prompt_tokens=prompt,
                    completion_tokens=completion,
                    total_tokens=prompt + completion,
                    pictures=pictures,
                )
                await self._settle(Settlement(turn_id=turn.id, account=account, used=used, reserved=True))
        except BotError:
            logger.exception("the reservation of turn %s could not be read", turn.id)

    async def tidy(self) -> None:
        """Give back what turns had reserved that nobody will settle any more; a failing database is logged."""
        try:
            found = await self._store.give_back_stale(self._clock.now() - STALE)
        except BotError:
            logger.exception("reservations that were never settled could not be released")
        else:
            if found:
                logger.info("the reservations of %s turns were released", found)

    async def left(
        self, place: Place, user_id: int, settings: Settings, *, of_another: bool = False
    ) -> tuple[QuotaLeft, ...]:
        """Tell what is left of the quotas that hold for a user in a place. Raises ``StorageError``.

        ``of_another``: it is told to somebody else, whose business the user's doings elsewhere are not.
        """
        limits = limits_of(settings, place, NO_LIMITS if of_another else self._totals)
        if not limits:
            return ()
        account = account_of(place, user_id, self._clock.now())
        spent = await self._store.spent(account)
        found = (tightest(resource, limits, spent, account.day) for resource in Resource)
        return tuple(each for each in found if each is not None)

    def _tell(self, shortage: Shortage) -> None:
        """Tell the operator, once a day, if a quota refuses everybody; one user's is in the line of the turn."""
        if shortage.holder is Holder.BOT and self._told.get(shortage.resource) != shortage.resets_at:
            self._told[shortage.resource] = shortage.resets_at
            logger.warning(
                "the quota of all users together refuses requests: %s of TOTAL_%s_A_DAY=%s are left, until %s",
                shortage.left,
                shortage.resource.value.upper(),
                shortage.limit,
                shortage.resets_at.isoformat(timespec="minutes"),
            )

    async def _settle(self, settlement: Settlement) -> None:
        try:
            await self._store.settle(settlement)
        except BotError:
            logger.exception("what turn %s has used could not be counted", settlement.turn_id)


def account_of(place: Place, user_id: int, now: datetime) -> Account:
    """Say on whose account a turn spends that begins now; never on that of a guild where the bot is no member."""
    return Account(day=day_of(now), guild_id=place.ruling_guild_id or 0, channel_id=place.channel_id, user_id=user_id)
