"""Lists, and code and quotes in them, over the ends of pages."""

from __future__ import annotations

import pytest

from tests.fakes.reply.pages import paginate, preview

WORDS = "aa " * 20


def two(text: str) -> tuple[str, str]:
    first, second = paginate(text, limit=100)
    return first, second


def test_an_outer_list_goes_on_with_its_number_behind_an_inner_one() -> None:
    _, second = two(f"1. {WORDS}\n   - {WORDS[:24]}\n   - cc\n2. dd\n3. ee")
    assert second == "- cc\n\n2. dd\n3. ee"


def test_items_below_each_other_stay_so() -> None:
    _, second = two(f"1. {WORDS}\n   - {WORDS[:24]}\n   - cc\n     - dd\n   - ee\n2. ff\n   - gg")
    assert second == "- cc\n  - dd\n- ee\n\n2. ff\n   - gg"


def test_each_outer_list_goes_on_in_turn() -> None:
    _, second = two(f"1. {WORDS}\n   - {WORDS[:15]}\n     1. b\n     2. cc cc\n   - dd\n2. ee")
    assert second == "2. cc cc\n\n- dd\n\n2. ee"


def test_an_outer_list_is_not_counted_twice_over_three_pages() -> None:
    pages = paginate(
        f"1. a\n   - {WORDS}\n   - {WORDS}\n   - {WORDS}\n2. b\n   - {WORDS}\n   - {WORDS}\n3. c", limit=100
    )
    assert [page.split(" aa")[0] for page in pages] == ["1. a\n   -", "-", "-", "2. b\n   -", "-"]
    assert pages[-1].endswith("\n\n3. c")


def test_lists_that_say_one_throughout_count_on() -> None:
    first, second = two("\n".join("1. item number" for _ in range(10)))
    assert first.count("\n") == 5
    assert second.startswith("7. item number\n1. item number")


def test_a_number_behind_bullets_is_a_bullet_on_the_next_page_too() -> None:
    _, second = two(f"- {WORDS}\n- {WORDS[:30]}\n3. cc\n4. dd")
    assert second == "- cc\n4. dd"


def test_a_bullet_behind_numbers_has_a_number_on_the_next_page_too() -> None:
    _, second = two(f"1. {WORDS}\n2. {WORDS[:30]}\n- cc\n- dd")
    assert second == "3. cc\n- dd"


def test_a_list_behind_a_blank_line_begins_as_it_says() -> None:
    _, second = two(f"1. {WORDS}\n2. {WORDS[:24]}\n\n1. cc\n1. dd")
    assert second == "1. cc\n1. dd"


def test_code_in_an_item_ends_where_the_item_is_indented() -> None:
    assert preview("1. a:\n   ```sh\n   b") == ["1. a:\n   ```sh\n   b\n   ```"]
    assert preview("> - a:\n>   ```sh\n>   b") == ["> - a:\n>   ```sh\n>   b\n>   ```"]
    code = "\n".join(f"   line {n} of it" for n in range(12))
    first, second, _ = paginate(f"1. a:\n   ```sh\n{code}\n   ```\n2. b", limit=100)
    assert first.endswith("\n   ```")
    assert second.startswith("```sh\nline")


def test_numbers_in_a_quote_go_on() -> None:
    pages = paginate("\n".join(f"> 1. item number {n} of them" for n in range(8)), limit=100)
    assert [page[:5] for page in pages] == ["> 1. ", "> 4. ", "> 7. "]


@pytest.mark.parametrize("head", ["2024. ", "- ", "* ", "# ", "## ", "> ", ">>> ", "-# "])
def test_what_is_within_a_line_begins_no_block_on_its_page(head: str) -> None:
    for before in range(80, 100):
        text = "字" * before + head + "字" * 40
        for page in paginate(text, limit=100)[1:]:
            assert not page.startswith(head)
            assert page.replace("\\", "").startswith(("字", head[:-1], head[-2:-1]))


def test_a_year_is_told_from_a_number_when_its_full_stop_comes_later() -> None:
    for before in range(90, 100):
        text = "a" * (before - 1) + " 2024. and more words"
        assert not any(page.startswith("2024. ") for page in paginate(text, limit=100))
