"""The file of settings: what is written is read, and hostile files are refused with what is wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.settings.document import (
    LARGEST_BYTES,
    MOST_FAULTS,
    DiffRow,
    KnownPlaces,
    compare,
    read_document,
    write_document,
)
from bot.domain.settings.faults import FaultKind, SettingFault, SettingsError
from bot.domain.settings.scopes import StoredSetting, Target

GUILD, GROUP, ROOM, GONE = Target.guild(1), Target.category(1, 4), Target.channel(1, 5), Target.channel(1, 6)
KNOWN = KnownPlaces(guild_id=1, categories=frozenset({4}), channels=frozenset({5, 10**18}))
ROWS = (
    StoredSetting(target=ROOM, key="persona", value="“a”\n秒画 \U0001f98a"),
    StoredSetting(target=GUILD, key="top_p", value="0.5"),
    StoredSetting(target=GROUP, key="scale", value="9"),
    StoredSetting(target=GONE, key="scale", value="3"),
)


def faults(data: bytes) -> tuple[SettingFault, ...]:
    with pytest.raises(SettingsError) as refused:
        read_document(data, KNOWN)
    return refused.value.faults


def document(**parts: object) -> bytes:
    return json.dumps({"format": "fusion-bot settings", "version": 1, **parts}).encode()


def test_what_is_written_is_read() -> None:
    data = write_document(ROWS, KNOWN)
    wanted = read_document(data, KNOWN)
    assert wanted == {(row.target, row.key): row.value for row in ROWS if row.target != GONE}
    assert compare(ROWS, wanted, KNOWN) == ()
    assert data == write_document(reversed(ROWS), KNOWN), "the order does not depend on the database"
    text = json.loads(data)
    assert text["channels"] == {"5": {"persona": ROWS[0].value}}
    assert text["guild_id"] == "1", "as text: JSON's numbers lose the digits of ids elsewhere"


@pytest.mark.parametrize("whose", [{"guild_id": "2"}, {}, {"guild_id": 1}])
def test_a_file_of_elsewhere_names_nobody_who_is_not_here(whose: dict[str, object]) -> None:
    known = replace(KNOWN, roles=frozenset({7}), threads=frozenset({8}))
    lists = {"channels_allowed": "4, 5, 8, 6", "roles_refused": "7, 9", "persona": "9", "manager_roles": "x"}
    with pytest.raises(SettingsError) as refused:
        read_document(document(guild=lists, **whose), known)
    assert [(one.kind, one.given) for one in refused.value.faults] == [
        (FaultKind.UNKNOWN_PLACE, "6"),
        (FaultKind.UNKNOWN_ROLE, "9"),
    ]
    assert read_document(document(guild=lists, guild_id="1"), known), "its own may name what is gone since"


def test_the_difference_leads_exactly_to_the_file() -> None:
    wanted = read_document(
        document(guild={"top_p": "0.6", "persona": "x"}, channels={str(10**18): {"scale": "1"}}), KNOWN
    )
    assert set(compare(ROWS, wanted, KNOWN)) == {
        DiffRow(target=GUILD, key="top_p", old="0.5", new="0.6"),
        DiffRow(target=GUILD, key="persona", old=None, new="x"),
        DiffRow(target=GROUP, key="scale", old="9", new=None),
        DiffRow(target=ROOM, key="persona", old="“a”\n秒画 \U0001f98a", new=None),
        DiffRow(target=Target.channel(1, 10**18), key="scale", old=None, new="1"),
    }, "what is left of a deleted channel stays"


def test_a_file_of_another_guild_is_taken_without_its_places() -> None:
    assert read_document(document(guild_id="77", guild={"top_p": "1"}), KNOWN) == {(GUILD, "top_p"): "1"}


EARLIER = b"""{
  "format": "fusion-bot settings",
  "version": 1,
  "guild_id": "1",
  "guild": {
    "mh_add_prompt": "on",
    "mh_model_name": "Artist v0.4.0 Beta",
    "mh_output_size": "512x768",
    "persona": "A poet."
  },
  "categories": {
    "4": {
      "mh_controlnet_model": "canny",
      "mh_ddim_steps": "20"
    }
  },
  "channels": {
    "5": {
      "mh_scale": "9",
      "mh_select_seed": "4711"
    }
  }
}
"""
"""A file as 0.1.0 wrote it."""


def test_a_file_of_an_earlier_version_is_read_and_written_with_the_names_of_today() -> None:
    wanted = read_document(EARLIER, KNOWN)
    assert wanted == {
        (GUILD, "enhance"): "on",
        (GUILD, "drawing_model"): "Artist v0.4.0 Beta",
        (GUILD, "size"): "512x768",
        (GUILD, "persona"): "A poet.",
        (GROUP, "control"): "canny",
        (GROUP, "steps"): "20",
        (ROOM, "scale"): "9",
        (ROOM, "seed"): "4711",
    }
    rows = [StoredSetting(target=target, key=key, value=value) for (target, key), value in wanted.items()]
    assert compare(rows, wanted, KNOWN) == (), "nothing is told as changed that only has another name"
    written = write_document(rows, KNOWN)
    assert b"mh_" not in written
    assert read_document(written, KNOWN) == wanted


def test_the_name_of_today_holds_where_a_file_has_both() -> None:
    both = {"mh_scale": "3", "scale": "9"}
    for values in (both, dict(reversed(both.items()))):
        assert read_document(document(guild=values), KNOWN) == {(GUILD, "scale"): "9"}
    (fault,) = faults(document(guild={"mh_scale": 3}))
    assert (fault.kind, fault.key) == (FaultKind.NOT_A_TEXT, "mh_scale"), "as it stands in the file"


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read_document(b"\xef\xbb\xbf" + document(guild={"top_p": "1"}), KNOWN)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b" " * (LARGEST_BYTES + 1), FaultKind.TOO_LARGE),
        (b"", FaultKind.NOT_JSON),
        (b"\xff\xfe", FaultKind.NOT_JSON),
        (b"{", FaultKind.NOT_JSON),
        (b"[" * 100_000, FaultKind.NOT_JSON),
        (b'{"a":' * 50_000, FaultKind.NOT_JSON),
        (b'{"format": "fusion-bot settings", "version": ' + b"9" * 5000 + b"}", FaultKind.NOT_JSON),
        (document()[:-1] + b', "version": 1}', FaultKind.NOT_JSON),
        (b"[]", FaultKind.NOT_SETTINGS),
        (b"null", FaultKind.NOT_SETTINGS),
        (b'{"format": "other"}', FaultKind.NOT_SETTINGS),
        (b'{"format": "fusion-bot settings"}', FaultKind.NOT_SETTINGS),
        (document(version=True), FaultKind.NOT_SETTINGS),
        (document(version="1"), FaultKind.NOT_SETTINGS),
        (document(version=0), FaultKind.NOT_SETTINGS),
        (document(version=2), FaultKind.NEWER_FORMAT),
        (document(guild=[]), FaultKind.NOT_SETTINGS),
        (document(guild=None), FaultKind.NOT_SETTINGS),
        (document(channels={"5": "x"}), FaultKind.NOT_SETTINGS),
        (document(guild={"top_p": 0.5}), FaultKind.NOT_A_TEXT),
        (document(guild={"top_p": None}), FaultKind.NOT_A_TEXT),
        (document(channels={"6": {}}), FaultKind.UNKNOWN_PLACE),
        (document(channels={"4": {}}), FaultKind.UNKNOWN_PLACE),
        (document(categories={"5": {}}), FaultKind.UNKNOWN_PLACE),
        (document(channels={"-5": {}}), FaultKind.UNKNOWN_PLACE),
        (document(channels={"５": {}}), FaultKind.UNKNOWN_PLACE),
        (document(channels={"9" * 5000: {}}), FaultKind.UNKNOWN_PLACE),
        (document(channels={"5": {}, "05": {}}), FaultKind.UNKNOWN_PLACE),
        (document(channel={"5": {"top_p": "1"}}), FaultKind.UNKNOWN_PART),
        (document(**{"x" * 5000: 1}), FaultKind.UNKNOWN_PART),
    ],
    ids=lambda value: value.value if isinstance(value, FaultKind) else "",
)
def test_hostile_files_are_refused(data: bytes, kind: FaultKind) -> None:
    found = faults(data)
    assert [fault.kind for fault in found] == [kind]
    assert len(found[0].given) <= 60


def test_faults_are_told_together_and_bounded() -> None:
    found = faults(document(guild={"a": 1, "b" * 500: 2}, channels={"6": {}}))
    assert [fault.kind for fault in found] == [FaultKind.NOT_A_TEXT, FaultKind.NOT_A_TEXT, FaultKind.UNKNOWN_PLACE]
    assert len(found[1].key) <= 60
    assert len(faults(document(channels={str(each): {} for each in range(100, 300)}))) == MOST_FAULTS


@settings(max_examples=60, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=8,
    ),
    part=st.sampled_from(["guild", "channels", "categories", "version", "format"]),
)
def test_any_json_is_taken_or_refused(value: object, part: str) -> None:
    data = json.dumps({"format": "fusion-bot settings", "version": 1, part: value}).encode()
    with suppress(SettingsError):
        assert all(isinstance(each, str) for each in read_document(data, KNOWN).values())
