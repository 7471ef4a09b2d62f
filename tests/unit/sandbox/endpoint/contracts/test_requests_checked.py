"""Every rule about parameters, of both requests."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.checks import RefusedError, parse_object
from sandbox.endpoint.contracts.chat_request import parse_chat
from sandbox.endpoint.contracts.fusion_request import parse_fusion

VALID: dict[str, Any] = {
    "messages": [{"role": "user", "content": "hello"}],
    "temperature": 0.8,
    "top_p": 0.7,
    "max_new_tokens": 2048,
    "repetition_penalty": 1,
    "stream": False,
    "user_id": "someone",
    "output_img": True,
    "mh_key": "token",
    "mh_add_prompt": False,
    "mh_ddim_steps": 50,
    "mh_model_name": "Artist_V0.1.3",
    "mh_output_size": "960x960",
    "mh_select_seed": -1,
    "mh_scale": 7,
    "mh_controlnet_model": "",
}
LATE_ONLY = ("output_img", "mh_add_prompt", "mh_ddim_steps")


def said(*roles: str) -> list[dict[str, str]]:
    return [{"role": role, "content": "x"} for role in roles]


def test_a_valid_request_is_parsed() -> None:
    made = parse_fusion({**VALID, "mh_output_size": "640x1024", "temperature": 2, "top_p": 1})
    assert (made.width, made.height, made.seed, made.steps) == (640, 1024, -1, 50)
    assert isinstance(made.sampling.temperature, float)
    assert made.sampling == Sampling(temperature=2, top_p=1, limit_tokens=VALID["max_new_tokens"])


@pytest.mark.parametrize("name", VALID)
def test_every_field_is_required(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_fusion({key: value for key, value in VALID.items() if key != name})
    assert caught.value.problem.param == name


def test_the_early_edition_knows_fewer_fields() -> None:
    early = {key: value for key, value in VALID.items() if key not in (*LATE_ONLY, "user_id")}
    assert parse_fusion(early, late=False).output_img
    for name in LATE_ONLY:
        with pytest.raises(RefusedError):
            parse_fusion({**early, name: VALID[name]}, late=False)


REFUSED: list[tuple[str, Any]] = [
    *(("temperature", value) for value in (0, -1, 2.01, "0.8", True, None, float("inf"))),
    *(("top_p", value) for value in (0, 1.01, "1", False)),
    *(("max_new_tokens", value) for value in (0, -5, 10.0, "10", True, 2**31)),
    *(("repetition_penalty", value) for value in (0, -1, "1", True, 10**400)),
    *(("stream", value) for value in (0, 1, "true", None)),
    *(("user_id", value) for value in ("", "  ", 5)),
    *(("output_img", value) for value in (1, "false")),
    *(("mh_key", value) for value in ("", 1)),
    *(("mh_add_prompt", value) for value in (0, "no")),
    *(("mh_ddim_steps", value) for value in (0, 151, 20.0, "20", True)),
    *(("mh_model_name", value) for value in ("", 3)),
    *(("mh_output_size", value) for value in ("960", "960*960", "960X960", "63x960", "960x6241")),
    *(("mh_output_size", value) for value in ("0960x960", "\u0669\u0666\u0660x960", " 960x960", "960x960\n", 960)),
    *(("mh_select_seed", value) for value in (-2, 2**32, 1.0, "1", True)),
    *(("mh_scale", value) for value in (0, 21, 7.0, "7", True)),
    *(("mh_controlnet_model", value) for value in ("Canny", "pose", 0, ["canny"])),
    ("messages", []),
    ("messages", "hello"),
    ("messages", {}),
    ("messages", [1]),
    ("messages", said("assistant")),
    ("messages", said("system", "user")),
    ("messages", said("user", "user")),
    ("messages", said("user", "assistant")),
    ("messages", said("user", "assistant", "assistant")),
    ("messages", [{"role": "user", "content": "  "}]),
    ("messages", [{"role": "user"}]),
    ("messages", [{"role": "user", "content": [{"type": "text", "text": "x"}]}]),
    ("messages", [{"role": "user", "content": "x", "name": "Ann"}]),
    ("size", "960x960"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_value_out_of_its_type_or_range_is_refused(name: str, value: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_fusion({**VALID, name: value})
    assert caught.value.problem.status == 400
    assert (caught.value.problem.param or "").startswith(name)


ACCEPTED: list[tuple[str, Any]] = [
    *(("temperature", value) for value in (0.01, 2)),
    ("top_p", 1),
    ("max_new_tokens", 1),
    ("repetition_penalty", 0.1),
    *(("mh_output_size", value) for value in ("64x6240", "6240x64", "640x640")),
    *(("mh_select_seed", value) for value in (-1, 0, 9999999)),
    *(("mh_scale", value) for value in (1, 20)),
    *(("mh_controlnet_model", value) for value in ("canny", "fake_scribble", "seg")),
    ("mh_model_name", " any name "),
    ("messages", said("user", "assistant", "user")),
]


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_a_value_at_its_bounds_is_accepted(name: str, value: Any) -> None:
    parse_fusion({**VALID, name: value})


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b'{"a": "\xff"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(raw: bytes, content_type: str, status: int) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_object(raw, content_type)
    assert caught.value.problem.status == status


CHAT: dict[str, Any] = {"model": "local-chat", "messages": said("system", "user")}


def test_a_chat_request_takes_its_options() -> None:
    made = parse_chat(
        {
            **CHAT,
            "stream": True,
            "stream_options": {"include_usage": True},
            "stop": ["a", "b"],
            "n": 2,
            "max_tokens": 5,
            "temperature": 0,
            "top_p": None,
            "presence_penalty": -2,
            "logit_bias": {"50256": -100},
            "user": "someone",
        }
    )
    assert (made.choices, made.include_usage) == (2, True)
    assert (made.sampling.stops, made.sampling.limit_tokens) == (("a", "b"), 5)
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    assert parse_chat({**CHAT, "messages": [{"role": "user", "content": parts}]}).messages[0].content == "one\ntwo"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("model", value) for value in (None, "", 1)),
        ("messages", None),
        ("messages", []),
        ("messages", said("system")),
        ("messages", said("tool", "user")),
        ("messages", [{"role": "user", "content": ""}]),
        *(("temperature", value) for value in (-0.1, 2.1, "1", True)),
        *(("n", value) for value in (0, 5, 1.0)),
        *(("stop", value) for value in ("", [], ["a"] * 5, [1], [""])),
        *(("max_tokens", value) for value in (0, 1.5)),
        *(("presence_penalty", value) for value in (-2.1, 2.1)),
        ("logit_bias", []),
        ("logit_bias", {"1": 101}),
        ("logit_bias", {"1": "x"}),
        ("stream_options", {"include_usage": True}),
        ("stream_options", "x"),
        ("user", 5),
        ("seed", 5),
        ("size", "64x64"),
    ],
)
def test_an_invalid_chat_parameter_is_refused(name: str, value: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_chat({**CHAT, name: value})
    assert (caught.value.problem.param or "").startswith(name)
