"""What an endpoint says of an error, read out of whatever shape it says it in (endpoints.md, section 3)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.providers.wire.values import as_count, as_text, is_record

_NAMES: Final = ("code", "error_code", "err_code", "errcode", "errorCode", "status_code", "statusCode", "http_code",
                 "httpCode", "Code", "errorcode", "type", "error_type", "status", "reason", "name")  # fmt: skip
_MESSAGES: Final = ("message", "msg", "Message", "error_msg", "error_message", "errmsg", "err_msg", "errorMessage",
                    "status_msg", "status_message", "description", "error_description", "title", "detail", "details",
                    "fail_reason", "failure_reason", "faultstring", "raw")  # fmt: skip
_NESTED: Final = ("error", "errors", "detail", "details", "base_resp", "status", "metadata", "response", "Response",
                  "innererror", "Error", "fault", "raw", "message")  # fmt: skip
_WINDOWS: Final = ("n_ctx", "max_context_length", "context_length", "max_model_len")
_PROMPTS: Final = ("n_prompt_tokens", "prompt_tokens", "input_tokens")
_FINE: Final = frozenset({"", "0", "200", "ok", "success", "successful", "succeeded", "none", "null", "no error",
                          "成功"})  # fmt: skip
_DEPTH: Final = 6
_ITEMS: Final = 8
_TEXT_CHARS: Final = 2000


@dataclass(slots=True, kw_only=True)
class Report:
    """What an endpoint says of an error. ``status`` is that of HTTP, None inside an answer.

    ``names`` are codes and types that are words, ``numbers`` those that are numbers. ``parameters`` are the fields of
    the request that it names. ``window_tokens`` and ``prompt_tokens`` are those of fields with such a name.
    """

    status: int | None = None
    names: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    window_tokens: int | None = None
    prompt_tokens: int | None = None

    @property
    def message(self) -> str:
        """All that is said in sentences."""
        return ": ".join(self.messages)[:_TEXT_CHARS]


def is_fine(value: object) -> bool:
    """Whether a value in an error's place says that there is none: nothing, code 0 without words, "ok"."""
    if value is None or value is False or value in ([], {}):
        return True
    if is_record(value):
        said = [value.get(name) for name in (*_NAMES, *_MESSAGES, "errors", "error")]
        return all(each is None or each in ([], {}) or (not is_record(each) and is_fine(each)) for each in said)
    return not isinstance(value, (list, bool)) and as_text(value).strip().lower() in _FINE


def find_fault(record: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return an object of an answer if it reports an error; None if it reports none."""
    # Every piece of every answer passes here, so what is most often absent is only looked up.
    error = record.get("error")
    if (error is not None and not is_fine(error)) or record.get("object") == "error" or record.get("type") == "error":
        return record
    for name in ("base_resp", "status", "Response"):
        nested = record.get(name)
        if is_record(nested) and not is_fine(nested.get("Error") if name == "Response" else nested):
            return record
    if record.get("choices") or record.get("data"):
        return None
    if not is_fine(record.get("errors")):
        return record
    code = next((record[name] for name in ("code", "error_code", "status_code") if name in record), None)
    if code is not None and as_text(code).strip() != "" and is_fine(code):
        return None
    said = [record.get(name) for name in _MESSAGES if name != "raw"]
    if any((isinstance(each, (str, list)) and not is_fine(each)) or _is_told(each) for each in said):
        return record
    return record if as_count(code) >= 400 and not is_record(record.get("usage")) else None


def read_report(fault: object, *, status: int | None = None, code: object = None) -> Report:
    """Read what ``fault`` says: an object of any of the known shapes, or a message alone; ``code`` is one beside it."""
    report = Report(status=status)
    _walk(fault, report, depth=0)
    if code is not None and not report.names and not report.numbers:
        _note_name(code, report)
    return report


def _is_told(value: object) -> bool:
    """Whether an object in a message's place is one that holds a message or an error."""
    return is_record(value) and any(value.get(name) for name in ("error", "message", "msg")) and not is_fine(value)


def _walk(value: object, report: Report, *, depth: int) -> None:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for item in value[:_ITEMS]:
            _walk(item, report, depth=depth + 1)
    elif is_record(value):
        _walk_record(value, report, depth=depth)
    else:
        _note_message(value, report, depth=depth)


def _walk_record(record: Mapping[str, object], report: Report, *, depth: int) -> None:
    for name in _NAMES:
        _note_name(record.get(name), report)
    for name in _MESSAGES:
        if not isinstance(record.get(name), (list, dict)):
            _note_message(record.get(name), report, depth=depth)
    report.parameters += _parameters(record)
    report.window_tokens = report.window_tokens or _first_count(record, _WINDOWS)
    report.prompt_tokens = report.prompt_tokens or _first_count(record, _PROMPTS)
    for name in _NESTED:
        nested = record.get(name)
        if name in ("error", "errors", "Error") or isinstance(nested, (list, dict)):
            _walk(nested, report, depth=depth + 1)


def _note_name(value: object, report: Report) -> None:
    text = as_text(value).strip()
    if text.lower() in _FINE:
        return
    if re.fullmatch(r"\d{1,9}", text):
        report.numbers.append(int(text))
    elif text and len(report.names) < _ITEMS:
        report.names.append(text[:100])


def _note_message(value: object, report: Report, *, depth: int) -> None:
    text = as_text(value).strip()
    if text.lower() in _FINE or len(report.messages) >= _ITEMS:
        return
    if text.startswith("{") and depth < _DEPTH:  # a relay repeats what its own endpoint said
        try:
            inner: object = json.loads(text)
        except (ValueError, RecursionError):
            inner = None
        if is_record(inner):
            _walk(inner, report, depth=depth + 1)
            return
    if text not in report.messages:
        report.messages.append(text[:_TEXT_CHARS])


def _parameters(record: Mapping[str, object]) -> Iterator[str]:
    for name in ("param", "field", "parameter"):
        if isinstance(record.get(name), str):
            yield as_text(record[name])
    place = record.get("loc")
    if isinstance(place, list):
        yield from (item for item in reversed(place[:_ITEMS]) if isinstance(item, str))


def _first_count(record: Mapping[str, object], names: tuple[str, ...]) -> int | None:
    return next((count for name in names if (count := as_count(record.get(name)))), None)
