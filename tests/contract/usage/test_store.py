"""What every ``UsageStore`` keeps to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from bot.domain.turn.record import TurnState
from bot.domain.usage.counts import DayUsage, Reservation, Settlement, Share, Shares, UsageQuery, UsageRow, Used
from bot.domain.usage.ports import UsageStore
from bot.domain.usage.quota import NOTHING, Account, Amount, Demand, Grant, Quotas
from bot.errors import Holder, Resource, Shortage
from bot.storage.database.engine import Database
from bot.storage.stores.turns import SqlTurnStore
from bot.storage.stores.usage import SqlUsageStore
from tests.contract.samples import LARGEST, START, prompt_of, turn
from tests.fakes.stores.usage import FakeUsageStore

TODAY = date(2024, 2, 29)
ANN = Account(day=TODAY, guild_id=7, channel_id=1, user_id=8)
BOB = replace(ANN, user_id=9)
ELSEWHERE = replace(ANN, channel_id=2)
IN_A_DM = replace(ANN, guild_id=0, channel_id=3)
IN_ANOTHER_GUILD = replace(ANN, guild_id=70, channel_id=4)
BOTH = Quotas(user=Amount(calls=3, tokens=1000, pictures=2), guild=Amount(calls=4, tokens=10_000, pictures=2))
A_CALL = Demand(prompt_tokens=10, new_tokens=100, least_new_tokens=10)
OF_TODAY = UsageQuery(first=TODAY, last=TODAY, most_rows=100, by_channel=True, by_user=True)
USED = Used(calls=1, prompt_tokens=12, completion_tokens=30, total_tokens=42)


def wanted(
    turn_id: int, account: Account = ANN, *, demand: Demand = A_CALL, limits: Quotas = BOTH, used: Amount = NOTHING
) -> Reservation:
    """Want one call."""
    return Reservation(turn_id=turn_id, account=account, demand=demand, limits=limits, made_at=START, used=used)


def of_all(amount: Amount) -> Quotas:
    """Count the same for everybody who can have a quota."""
    return Quotas(user=amount, guild=amount, everywhere=amount, bot=amount)


def settled(turn_id: int, used: Used, account: Account = ANN, *, reserved: bool = True) -> Settlement:
    """Settle a turn."""
    return Settlement(turn_id=turn_id, account=account, used=used, reserved=reserved)


async def test_what_is_reserved_is_spent_until_it_is_settled(usage: UsageStore) -> None:
    granted = await usage.reserve(wanted(1))
    reserved = Amount(calls=1, tokens=110)
    assert granted == Grant(reserved=reserved, new_tokens=100, bounded=True, spent=of_all(reserved))
    assert await usage.spent(ANN) == of_all(reserved)
    assert await usage.spent(BOB) == Quotas(guild=reserved, bot=reserved)
    assert await usage.spent(IN_A_DM) == Quotas(everywhere=reserved, bot=reserved)
    assert await usage.reserved(1) == ANN
    await usage.settle(settled(1, USED))
    assert await usage.spent(ANN) == of_all(USED.amount)
    assert await usage.reserved(1) is None
    assert (await usage.add_up(OF_TODAY)).rows == (UsageRow(account=ANN, used=USED),)


async def test_a_used_up_quota_reserves_nothing_of_the_other(usage: UsageStore) -> None:
    for turn_id in (1, 2, 3):
        assert isinstance(await usage.reserve(wanted(turn_id)), Grant)
    before = await usage.spent(ANN)
    refused = await usage.reserve(wanted(4))
    assert isinstance(refused, Shortage)
    assert (refused.resource, refused.holder, refused.left, refused.limit) == (Resource.CALLS, Holder.PERSON, 0, 3)
    assert refused.resets_at.isoformat() == "2024-03-01T00:00:00+00:00"
    assert await usage.spent(ANN) == before
    assert isinstance(await usage.reserve(wanted(5, BOB)), Grant)
    refused = await usage.reserve(wanted(6, BOB))
    assert isinstance(refused, Shortage)
    assert refused.holder is Holder.GUILD


async def test_tokens_are_granted_as_far_as_they_go(usage: UsageStore) -> None:
    limits = Quotas(user=Amount(tokens=150))
    first, second, third = [await usage.reserve(wanted(number, limits=limits)) for number in (1, 2, 3)]
    assert isinstance(first, Grant)
    assert isinstance(second, Grant)
    assert (first.new_tokens, second.new_tokens) == (100, 30)
    assert isinstance(third, Shortage)
    assert third.resource is Resource.TOKENS


async def test_pictures_are_left_out_where_words_will_do(usage: UsageStore) -> None:
    limits = Quotas(guild=Amount(pictures=1))
    drawing = Demand(pictures=1)
    assert isinstance(await usage.reserve(wanted(1, demand=drawing, limits=limits)), Grant)
    refused = await usage.reserve(wanted(2, demand=drawing, limits=limits))
    assert isinstance(refused, Shortage)
    assert refused.resource is Resource.PICTURES
    words = await usage.reserve(wanted(2, demand=replace(drawing, without_pictures=True), limits=limits))
    assert isinstance(words, Grant)
    assert words.reserved.pictures == 0
    assert words.shortage == refused
    await usage.settle(settled(1, replace(USED, pictures=0)))
    assert isinstance(await usage.reserve(wanted(3, demand=drawing, limits=limits)), Grant)


async def test_a_second_call_of_a_turn_reserves_on_top_of_what_the_first_used(usage: UsageStore) -> None:
    await usage.reserve(wanted(1))
    granted = await usage.reserve(wanted(1, used=USED.amount))
    assert isinstance(granted, Grant)
    both = Amount(calls=2, tokens=42 + 110)
    assert granted.spent.user == granted.spent.guild == both
    assert await usage.spent(ANN) == of_all(both)
    await usage.settle(settled(1, USED + USED))
    assert (await usage.spent(ANN)).user == Amount(calls=2, tokens=84)


async def test_a_refused_second_call_keeps_what_the_first_reserved(usage: UsageStore) -> None:
    limits = Quotas(user=Amount(calls=1))
    await usage.reserve(wanted(1, limits=limits))
    before = await usage.spent(ANN)
    assert isinstance(await usage.reserve(wanted(1, limits=limits, used=USED.amount)), Shortage)
    assert await usage.spent(ANN) == before
    assert await usage.reserved(1) == ANN


async def test_an_old_reservation_of_the_same_turn_is_given_back(usage: UsageStore) -> None:
    yesterday = replace(ANN, day=TODAY - timedelta(days=1))
    for account in (yesterday, ANN, ANN):
        await usage.reserve(wanted(1, account))
    assert await usage.spent(yesterday) == Quotas()
    assert (await usage.spent(ANN)).user.calls == 1


async def test_without_a_quota_usage_is_counted_all_the_same(usage: UsageStore) -> None:
    await asyncio.gather(
        *(
            usage.settle(settled(turn_id, USED, account, reserved=False))
            for turn_id, account in enumerate((ANN, ANN, BOB))
        )
    )
    assert (await usage.add_up(OF_TODAY)).rows == (
        UsageRow(account=ANN, used=USED + USED),
        UsageRow(account=BOB, used=USED),
    )
    anns, all_ = (USED + USED).amount, (USED + USED + USED).amount
    assert await usage.spent(ANN) == Quotas(user=anns, guild=all_, everywhere=anns, bot=all_)


async def test_a_quota_that_is_set_later_counts_what_was_used_before(usage: UsageStore) -> None:
    for turn_id, account in enumerate((ANN, ELSEWHERE, BOB)):
        await usage.settle(settled(turn_id, USED, account, reserved=False))
    refused = await usage.reserve(wanted(9, limits=Quotas(user=Amount(calls=2))))
    assert isinstance(refused, Shortage)
    granted = await usage.reserve(wanted(9, limits=Quotas(guild=Amount(calls=4))))
    assert isinstance(granted, Grant)
    await usage.settle(settled(10, USED, BOB, reserved=False))
    assert (await usage.spent(BOB)).guild.calls == 5


async def test_eight_at_once_over_three_places_share_what_a_user_has_everywhere(usage: UsageStore) -> None:
    accounts = (ANN, IN_ANOTHER_GUILD, IN_A_DM)
    limits = Quotas(everywhere=Amount(calls=3))
    results = await asyncio.gather(
        *(usage.reserve(wanted(number, accounts[number % 3], limits=limits)) for number in range(8))
    )
    assert sum(isinstance(result, Grant) for result in results) == 3
    refused = [result for result in results if isinstance(result, Shortage)]
    assert {(each.resource, each.holder, each.left) for each in refused} == {(Resource.CALLS, Holder.EVERYWHERE, 0)}
    assert isinstance(await usage.reserve(wanted(9, BOB, limits=limits)), Grant)
    tomorrow = replace(ANN, day=TODAY + timedelta(days=1))
    assert isinstance(await usage.reserve(wanted(10, tomorrow, limits=limits)), Grant)


async def test_the_whole_bot_has_a_quota_of_its_own(usage: UsageStore) -> None:
    limits = Quotas(bot=Amount(calls=2), everywhere=Amount(calls=2))
    assert isinstance(await usage.reserve(wanted(1, limits=limits)), Grant)
    assert isinstance(await usage.reserve(wanted(2, replace(IN_A_DM, user_id=9), limits=limits)), Grant)
    refused = await usage.reserve(wanted(3, IN_ANOTHER_GUILD, limits=limits))
    assert isinstance(refused, Shortage)
    assert refused.holder is Holder.BOT
    await usage.settle(settled(1, Used()))
    assert isinstance(await usage.reserve(wanted(3, IN_ANOTHER_GUILD, limits=limits)), Grant)


async def test_a_quota_over_everything_counts_what_was_used_and_reserved_before_it_was_set(usage: UsageStore) -> None:
    await usage.settle(settled(1, USED, ANN, reserved=False))
    await usage.settle(settled(2, USED, IN_A_DM, reserved=False))
    assert isinstance(await usage.reserve(wanted(3, IN_ANOTHER_GUILD, limits=Quotas(user=Amount(calls=9)))), Grant)
    limits = Quotas(everywhere=Amount(calls=4), bot=Amount(calls=9))
    assert isinstance(await usage.reserve(wanted(4, limits=limits)), Grant)
    refused = await usage.reserve(wanted(5, IN_A_DM, limits=limits))
    assert isinstance(refused, Shortage)
    assert refused.holder is Holder.EVERYWHERE
    # What the third turn gives back was in the counter.
    await usage.settle(settled(3, Used(), IN_ANOTHER_GUILD))
    assert (
        (await usage.spent(ANN)).everywhere
        == (await usage.spent(ANN)).bot
        == (USED + USED).amount + Amount(calls=1, tokens=110)
    )


async def test_what_a_kill_leaves_is_given_back_everywhere(usage: UsageStore) -> None:
    limits = of_all(Amount(calls=9))
    await usage.reserve(replace(wanted(1, limits=limits), made_at=START - timedelta(hours=2)))
    await usage.reserve(wanted(2, IN_A_DM, limits=limits))
    assert await usage.give_back_stale(START - timedelta(minutes=1)) == 1
    spent = await usage.spent(ANN)
    assert (spent.everywhere.calls, spent.bot.calls, spent.user.calls) == (1, 1, 0)


async def test_what_came_to_nothing_leaves_no_trace(usage: UsageStore) -> None:
    await usage.reserve(wanted(1))
    await usage.settle(settled(1, Used()))
    assert await usage.spent(ANN) == Quotas()
    assert (await usage.add_up(OF_TODAY)).rows == ()


async def test_a_reservation_is_given_back_once(usage: UsageStore) -> None:
    for turn_id in (1, 2):
        await usage.reserve(wanted(turn_id))
    for _ in range(2):
        await usage.settle(settled(1, Used()))
    assert [await usage.reserved(turn_id) for turn_id in (1, 2)] == [None, ANN]
    assert (await usage.spent(ANN)).user.calls == 1


async def test_what_nobody_settles_is_given_back(usage: UsageStore, stores_database: Database | None) -> None:
    for turn_id in (1, 2, 3):
        await usage.reserve(replace(wanted(turn_id), made_at=START - timedelta(hours=turn_id - 1)))
    if stores_database is None:
        assert isinstance(usage, FakeUsageStore)
        usage.under_way.add(3)
    else:
        turns = SqlTurnStore(stores_database)
        for known in (turn(2, state=TurnState.COMPLETE), turn(3, state=TurnState.STREAMING)):
            await turns.create(known, prompt_of(known))
    assert await usage.give_back_stale(START - timedelta(minutes=1)) == 1
    assert [await usage.reserved(turn_id) for turn_id in (1, 2, 3)] == [ANN, None, ANN]
    assert (await usage.spent(ANN)).user.calls == 2
    assert await usage.give_back_stale(START - timedelta(minutes=1)) == 0


async def test_rows_are_of_the_asked_time_place_and_user(usage: UsageStore) -> None:
    old = replace(ANN, day=TODAY - timedelta(days=7))
    large = Account(day=TODAY, guild_id=LARGEST, channel_id=LARGEST, user_id=LARGEST)
    for account in (ANN, BOB, ELSEWHERE, old, large):
        await usage.settle(settled(1, USED, account, reserved=False))
    week = replace(OF_TODAY, first=TODAY - timedelta(days=6))

    async def accounts(query: UsageQuery) -> list[Account]:
        return [row.account for row in (await usage.add_up(query)).rows]

    assert await accounts(replace(week, guild_id=7)) == [ANN, BOB, ELSEWHERE]
    assert await accounts(replace(week, guild_id=7, user_id=8)) == [ANN, ELSEWHERE]
    assert await accounts(replace(week, channel_id=1)) == [ANN, BOB]
    assert await accounts(replace(week, first=old.day, user_id=8, channel_id=1)) == [ANN, old]
    assert await accounts(week) == [ANN, BOB, ELSEWHERE, large]


async def test_sums_are_of_everything_however_few_rows_are_wanted(usage: UsageStore) -> None:
    before = replace(ANN, day=TODAY - timedelta(days=1))
    more = replace(USED, pictures=1)
    several = {replace(ANN, user_id=user): USED for user in range(20, 30)}
    for account, used in {before: USED, BOB: more, ELSEWHERE: USED + USED, **several}.items():
        await usage.settle(settled(1, used, account, reserved=False))
    sums = await usage.add_up(replace(OF_TODAY, first=before.day, guild_id=7, most_rows=3))
    of_today = sum(several.values(), more + USED + USED)
    assert sums.days == (DayUsage(day=before.day, used=USED), DayUsage(day=TODAY, used=of_today))
    assert sums.channels == Shares(
        largest=(
            Share(id=1, used=sum(several.values(), more + USED)),
            Share(id=2, used=USED + USED),
        ),
        count=2,
    )
    assert sums.users.count == 12
    assert sums.users.largest == (
        Share(id=8, used=USED + USED + USED),
        Share(id=9, used=more),  # as many tokens as those after it, but a picture
        *(Share(id=user, used=USED) for user in range(20, 26)),
    )
    assert [row.account for row in sums.rows] == [ELSEWHERE, BOB, replace(ANN, user_id=20)]


async def test_rows_that_name_nobody_are_added_up(usage: UsageStore) -> None:
    for account in (ANN, BOB, ELSEWHERE):
        await usage.settle(settled(1, USED, account, reserved=False))
    unnamed = replace(OF_TODAY, by_user=False, by_channel=False)
    sums = await usage.add_up(unnamed)
    assert (sums.channels, sums.users) == (Shares(), Shares())
    assert sums.rows == (
        UsageRow(account=replace(ANN, user_id=0), used=USED + USED),
        UsageRow(account=replace(ELSEWHERE, user_id=0), used=USED),
    )
    # Whose usage it is, is known to who asks.
    assert [row.account for row in (await usage.add_up(replace(unnamed, user_id=9))).rows] == [BOB]


async def test_many_at_once_never_spend_more_than_there_is(usage: UsageStore) -> None:
    limits = Quotas(user=Amount(calls=20), guild=Amount(calls=30))
    results = await asyncio.gather(
        *(usage.reserve(wanted(number, replace(ANN, user_id=number % 3 + 1), limits=limits)) for number in range(100))
    )
    assert sum(isinstance(result, Grant) for result in results) == 30
    assert (await usage.spent(ANN)).guild.calls == 30


async def test_two_connections_never_spend_more_than_there_is(database: Database, database_kind: str) -> None:
    stores = [SqlUsageStore(database) for _ in range(4)]  # each batches for itself, as a process does
    limits = Quotas(user=Amount(calls=20), guild=Amount(calls=30))
    accounts = [replace(ANN, user_id=user) for user in (1, 2, 3)]
    results = await asyncio.gather(
        *(stores[n % 4].reserve(wanted(n, accounts[n % 3], limits=limits)) for n in range(100))
    )
    assert sum(isinstance(result, Grant) for result in results) == 30
    await asyncio.gather(
        *(stores[n % 4].settle(settled(n, USED, accounts[n % 3])) for n in range(100) if isinstance(results[n], Grant))
    )
    spent = [(await stores[0].spent(account)).user.calls for account in accounts]
    assert sum(spent) == 30
    assert max(spent) <= 20
