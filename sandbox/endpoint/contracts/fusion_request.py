"""The fusion request, parsed strictly (endpoints.md, section 1)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.endpoint import checks
from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.answers.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTROLNETS: Final = ("", "openpose", "canny", "depth", "fake_scribble", "scribble", "hed", "hough", "normal", "seg")
# Not documented: the widest range of Stable Diffusion's seeds, and -1 for a random one.
MAX_SEED: Final = 2**32 - 1
# Documented uses are 5…50, later products of the platform go to 150.
MAX_STEPS: Final = 150
MAX_NEW_TOKENS: Final = 2**31 - 1
MIN_SIDE: Final = 64
MAX_SIDE: Final = 6240
_SIZE: Final = re.compile(r"([1-9][0-9]{1,3})x([1-9][0-9]{1,3})", re.ASCII)
_FIELDS: Final = frozenset(
    {
        *("messages", "temperature", "top_p", "max_new_tokens", "repetition_penalty", "stream", "user_id"),
        *("output_img", "mh_key", "mh_add_prompt", "mh_ddim_steps", "mh_model_name", "mh_output_size"),
        *("mh_select_seed", "mh_scale", "mh_controlnet_model"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionRequest:
    """A request that passed every check; sides in pixels, `seed` -1 means a random one."""

    messages: tuple[Message, ...]
    sampling: Sampling
    stream: bool
    user_id: str
    output_img: bool
    mh_key: str
    enhance: bool
    steps: int
    model: str
    width: int
    height: int
    seed: int
    scale: int
    controlnet: str


def parse_fusion(body: Mapping[str, object], *, late: bool = True) -> FusionRequest:
    """Check every field of a request.

    With `late` (the later edition of the document) `user_id` is required; without it, it is optional and the
    fields that only the later edition has are refused. Raises RefusedError (400) at the first fault.
    """
    late_only = {"output_img", "mh_add_prompt", "mh_ddim_steps"}
    checks.refuse_unknown(body, _FIELDS if late else _FIELDS - late_only)
    width, height = _size(checks.need(body, "mh_output_size"))
    return FusionRequest(
        messages=_messages(checks.need(body, "messages")),
        sampling=Sampling(
            temperature=checks.number("temperature", checks.need(body, "temperature"), 0, 2, above_low=True),
            top_p=checks.number("top_p", checks.need(body, "top_p"), 0, 1, above_low=True),
            limit_tokens=checks.whole("max_new_tokens", checks.need(body, "max_new_tokens"), 1, MAX_NEW_TOKENS),
            repetition_penalty=checks.number(
                "repetition_penalty", checks.need(body, "repetition_penalty"), 0, math.inf, above_low=True
            ),
        ),
        stream=checks.flag("stream", checks.need(body, "stream")),
        user_id=checks.text("user_id", checks.need(body, "user_id") if late else body.get("user_id", "-")),
        output_img=checks.flag("output_img", checks.need(body, "output_img")) if late else True,
        mh_key=checks.text("mh_key", checks.need(body, "mh_key")),
        enhance=checks.flag("mh_add_prompt", checks.need(body, "mh_add_prompt")) if late else False,
        steps=checks.whole("mh_ddim_steps", checks.need(body, "mh_ddim_steps"), 1, MAX_STEPS) if late else 50,
        model=checks.text("mh_model_name", checks.need(body, "mh_model_name")),
        width=width,
        height=height,
        seed=checks.whole("mh_select_seed", checks.need(body, "mh_select_seed"), -1, MAX_SEED),
        scale=checks.whole("mh_scale", checks.need(body, "mh_scale"), 1, 20),
        controlnet=checks.choice("mh_controlnet_model", checks.need(body, "mh_controlnet_model"), CONTROLNETS),
    )


def _messages(value: object) -> tuple[Message, ...]:
    made: list[Message] = []
    for index, item in enumerate(checks.sequence("messages", value)):
        where = f"messages[{index}]"
        entry = checks.mapping(where, item)
        checks.refuse_unknown(entry, {"role", "content"}, f"{where}.")
        role = checks.choice(f"{where}.role", entry.get("role"), ("user", "assistant"))
        if role != ("assistant" if index % 2 else "user"):
            raise checks.invalid(f"{where}.role", "messages must alternate between user and assistant, user first")
        content = checks.text(f"{where}.content", entry.get("content"))
        made.append(Message(role="assistant" if role == "assistant" else "user", content=content))
    if made[-1].role != "user":
        raise checks.invalid("messages", "the last message must be the user's")
    return tuple(made)


def _size(value: object) -> tuple[int, int]:
    found = _SIZE.fullmatch(checks.text("mh_output_size", value))
    if found is None:
        raise checks.invalid("mh_output_size", "mh_output_size must have the form WIDTHxHEIGHT, such as 960x960")
    width, height = int(found[1]), int(found[2])
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise checks.invalid("mh_output_size", f"each side of mh_output_size must be {MIN_SIDE} to {MAX_SIDE}")
    return width, height
