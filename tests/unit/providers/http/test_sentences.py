"""An endpoint's words, made fit for people: the sentence in what machines wrote for machines."""

from __future__ import annotations

import time

import pytest

from bot.providers.http.failures import reported_error
from bot.providers.http.sentences import clean_sentence, plain_sentence

PYDANTIC = "[{'type': 'less_than_equal', 'loc': ('body', 'top_p'), 'msg': 'Input should be at most 1', 'input': 3}]"
INNER = "{'error': {'message': \"The model 'm' is not there.\", 'type': 'invalid', 'param': None, 'code': 'x'}}"
VALIDATOR = """1 validation error for Request
top_p
  Input should be at most 1 [type=less_than_equal, input_value=3, input_type=int]
    For further information visit https://errors.pydantic.dev/2/v/less"""
CASES = {
    "a sentence": ("The model is busy.", "The model is busy."),
    "a list of Python's": (PYDANTIC, "Input should be at most 1"),
    "two of a list": ("[{'msg': 'One'}, {'msg': 'Two.'}, {'msg': 'One'}]", "One: Two."),
    "the client's error around it": (f"Error code: 404 - {INNER}", "The model 'm' is not there."),
    "a relay's around that": (
        f"a.b.SomeError: OtherException - Error code: 404 - {INNER}",
        "The model 'm' is not there.",
    ),
    "an answer as a value": ("status_code=400, body={'code': 1, 'msg': 'bad size'}", "status_code=400: bad size"),
    "a map of Go's": ("upstream: map[code:400 message:no such size type:x]", "upstream: no such size"),
    "tags": ("<Error><Code>AccessDenied</Code><Message>No access</Message></Error>", "No access"),
    "the name of an error alone": ("SomeError:", "SomeError:"),
    "JSON behind words": (
        'Upstream said: {"error":{"message":"No \\"x\\"\\nhere.","code":4}}',
        'Upstream said: No "x" here.',
    ),
    "JSON that was cut off": ('failed {"error": {"message": "The model is n', "failed: The model is n"),
    "JSON alone that says nothing": ('{"code": 500, "data": null}', ""),
    "a list of JSON": ('[{"loc": ["body"], "msg": "Field required"}]', "Field required"),
    "an apostrophe within": ("{'message': 'It\\'s gone'}", "It's gone"),
    "letters as numbers": ('{"message": "\\u4f59\\u989d\\u4e0d\\u8db3"}', "余额不足"),
    "a letter as two numbers": ('{"message": "\\ud83d\\ude00 or \\ud83d"}', "😀 or \ufffd"),
    "words that only look so": ("Use {name} or ['a', 'b'] for it.", "Use {name} or ['a', 'b'] for it."),
    "a validator's lines": (
        VALIDATOR,
        "1 validation error for Request top_p Input should be at most 1",
    ),
    "a traceback": (
        'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in run\n    go()\nValueError: no such size',
        "no such size",
    ),
}


@pytest.mark.parametrize(("text", "said"), CASES.values(), ids=list(CASES))
def test_people_read_the_sentence_and_not_the_machine_s_shape(text: str, said: str) -> None:
    assert plain_sentence(text) == said


def test_the_log_has_all_of_it_and_people_the_sentence() -> None:
    error = reported_error({"message": PYDANTIC, "type": "internal_server_error"}, status=500)
    assert "less_than_equal" in error.detail
    assert error.sentence == "Input should be at most 1"


def test_an_address_loses_its_query_and_a_page_is_nothing() -> None:
    assert clean_sentence("see https://a/b?sig=1#x  now\n") == "see https://a/b now"
    assert clean_sentence("<html><body>502</body></html>") == ""
    assert len(clean_sentence("x" * 1000)) == 300


@pytest.mark.parametrize(
    "piece",
    ["[{'", "{'msg': '", '{"message": "\\', "[type=", "Traceback ", "'msg':", "\\'", "map[", "aError: ", "a.", "<msg>"],
)
def test_a_long_message_takes_no_time(piece: str) -> None:
    begun = time.process_time()
    plain_sentence(piece * (100_000 // len(piece)))
    assert time.process_time() - begun < 1
