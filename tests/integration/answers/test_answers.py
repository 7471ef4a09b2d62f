"""Every answer that servers are known to give, over real sockets, from the bytes to what stands in the reply."""

from __future__ import annotations

import pytest

from tests.integration.answers.case import Case
from tests.integration.answers.cases.numbers import NUMBERS
from tests.integration.answers.cases.odd import ODD
from tests.integration.answers.cases.paid import PAID
from tests.integration.answers.cases.parameters import PARAMETERS
from tests.integration.answers.cases.passes import PASSES
from tests.integration.answers.cases.pictures import PICTURES
from tests.integration.answers.cases.reasoning import REASONING
from tests.integration.answers.cases.repeats import REPEATS
from tests.integration.answers.cases.servers import SERVERS
from tests.integration.answers.cases.stops import STOPS
from tests.integration.answers.outcome import check, played

CASES: list[Case] = [
    *PASSES,
    *PAID,
    *STOPS,
    *NUMBERS,
    *REPEATS,
    *REASONING,
    *PICTURES,
    *PARAMETERS,
    *SERVERS,
    *ODD,
]


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_an_answer_becomes(case: Case) -> None:
    async with played(case) as outcome:
        check(case, outcome)


def test_every_case_has_a_name_of_its_own() -> None:
    names = [str(case) for case in CASES]
    assert sorted(set(names)) == sorted(names)
