"""What public servers send where it differs from the documents, and the events that each must give."""

from __future__ import annotations

import json

from bot.domain.model.events import Finish, FinishReason, Usage
from bot.errors import ErrorKind
from tests.unit.providers.chat_samples import chunked, completion
from tests.unit.providers.samples import ANY, STOP, USED, Sample, delta, envelope, events_of, lines, thinking, whole

CUT = Finish(reason=FinishReason.CUT)
UNKNOWN = Finish(reason=FinishReason.UNKNOWN)


def said(content: object, reason: object = None) -> dict[str, object]:
    return chunked(delta={"content": content}, reason=reason)


def keyless(text: str, **more: object) -> dict[str, object]:
    """A chunk without the key of a finish reason."""
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": text}}],
        **more,
    }


ROLE = chunked(delta={"role": "assistant"})
END = chunked(reason="stop")
COUNTS = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
HARMONY = "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hello<|return|>"


def talk(
    name: str, *objects: object, text: str = "Hello there", rest: tuple[object, ...] = (STOP,), **how: bool
) -> Sample:
    return Sample(name=name, body=events_of(*objects, **how), request=ANY, text=text, rest=rest)  # type: ignore[arg-type]  # events


SERVERS_CHAT = (
    # --- whole servers ---
    talk("llama.cpp", chunked(delta={"role": "assistant", "content": None}), said("Hello"), said(" there"), END,
         {"choices": [], "object": "chat.completion.chunk", "usage": COUNTS, "timings": {"prompt_ms": 1.50}},
         rest=(USED, STOP)),
    talk("llama-cpp-python", ROLE, said("Hello"), said(" there"), chunked(delta={}, reason="stop")),
    talk("llama-cpp-python, ended by another's question", ROLE, said("Hello"), said(" there"), rest=(CUT,)),
    talk("LiteLLM", keyless("Hello"), keyless(" there"), END,
         {"choices": [{"index": 0, "delta": {}}], "usage": COUNTS}, rest=(USED, STOP)),
    Sample(name="LiteLLM, error in the middle", body=events_of(
        keyless("Hello"), {"error": {"message": "x", "type": None, "param": None, "code": "500"}}, done=False),
        request=ANY, text="Hello", error=ErrorKind.BAD_GATEWAY),
    talk("transformers serve", keyless("Hello"), keyless(" there"),
         {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": COUNTS},
         rest=(USED, STOP), done=False),
    talk("Gemini without a reason", keyless("Hello"), keyless(" there"), rest=(UNKNOWN,)),
    Sample(name="usage alone", body=events_of({"choices": [], "usage": COUNTS}, done=False), request=ANY,
           error=ErrorKind.EMPTY),
    # --- finish reasons ---
    talk("a reason in every piece", said("Hello", "stop"), said(" there", "stop")),
    talk("a reason in every piece, without an end marker", said("Hello", "stop"), said(" there", "stop"), done=False),
    # --- numbers ---
    talk("numbers", said("$"), said(0.005), said(" ["), said(1), said("] "), said(2024), said(" "), said(True),
         said(" "), said(-7), END, text="$0.005 [1] 2024 true -7"),
    Sample(name="number as a whole message", body=json.dumps(completion({"content": 42})), request=ANY, text="42",
           rest=(USED, STOP)),
    talk("number as a part", said([{"type": "text", "text": 42}]), END, text="42"),
    talk("number as a choice's text", {"choices": [{"index": 0, "text": 4.20}]}, END, text="4.2"),
    # --- deltas that hold all text so far ---
    talk("all text so far", said("Hello"), said("Hello th"), said("Hello there"), END),
    talk("laughter", said("ha"), said("ha"), said("ha"), said("haha!"), END, text="hahahahaha!"),
    talk("chance", said("1"), said("10"), END, text="110"),
    # --- reasoning ---
    talk("reasoning, then its end", said("I think"), said(" so.\n</thi"), said("nk>\n\nHello"), said(" there"), END),
    talk("the end of reasoning first", said("\n</think>"), said("\n\nHello there"), END),
    talk("thinking", said("<thinking>hm</think"), said("ing>Hello there"), END),
    talk("reasoning later", said("Searching …\n<think>a</think>\n"), said("Hello there"), END,
         text="Searching …\nHello there"),
    talk("harmony", said(HARMONY[:30]), said(HARMONY[30:]), END, text="Hello"),
    talk("part of reasoning", said([{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "Hello"}]),
         said(" there"), END),
    talk("part of thinking", said([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]),
         said([{"type": "text", "text": "Hello there"}]), END),
    talk("part that is a thought", said([{"thought": True, "text": "hm"}, {"text": "Hello there"}]), END),
    talk("answer in a box", said("<answer><|begin_of_box|>Hello there<|end_of_box|></answer><|im_end|>"), END),
    Sample(name="only reasoning", body=events_of(said("<think>hm</think>"), END), request=ANY,
           error=ErrorKind.ONLY_THOUGHT),
    Sample(name="only reasoning, until the length was used up", body=events_of(
        chunked(delta={"reasoning_content": "hm"}), chunked(reason="length")), request=ANY,
        error=ErrorKind.THOUGHT_TOO_LONG),
    # --- framing ---
    Sample(name="data twice", body=events_of(said("Hello"), said(" there"), END).replace("data: {", "data: data: {"),
           request=ANY, text="Hello there", rest=(STOP,)),
    Sample(name="two objects on a line", body=f"data: {json.dumps(said('Hello'))}{json.dumps(said(' there'))}\n\n"
           f"data: {json.dumps(END)} [DONE]\n\n", request=ANY, text="Hello there", rest=(STOP,)),
    Sample(name="an event cut in its middle", body=events_of(said("Hello"), done=False)
           + json.dumps(said(" lost")).join(("data: ", "\n\n")).replace('lost"}', "") + events_of(said(" there"), END),
           request=ANY, text="Hello there", rest=(CUT,)),
    Sample(name="an object cut in its middle", body=events_of(said("Hello"), END, done=False)
           + '{"id": "c1", "choices": [{"delta": {"content": "lo', request=ANY, text="Hello", rest=(CUT,)),
    Sample(name="words of an error after the answer", body=events_of(said("Hello"), done=False) + "upstream error\n",
           request=ANY, text="Hello", error=ErrorKind.TRUNCATED),
    # --- numbering and usage ---
    talk("another index", *({"choices": [{"index": 1, "delta": {"content": text}, "finish_reason": reason}]}
                            for text, reason in (("Hello", None), (" there", None), ("", "stop")))),
    talk("two answers, the second first", *({"choices": [{"index": index, "delta": {"content": text}}]}
         for text in ("Hello", " there") for index in (1, 0)), {"choices": [{"index": 1, "finish_reason": "stop"}]}),
    talk("usage in the choice", said("Hello there"), {"choices": [
        {"index": 0, "delta": {}, "finish_reason": "stop", "usage": COUNTS}]}, rest=(USED, STOP)),
    talk("usage of Groq", said("Hello there"), {**END, "x_groq": {"id": "r", "usage": COUNTS}}, rest=(USED, STOP)),
    Sample(name="usage in the message", body=json.dumps({"choices": [
        {"message": {"content": "Hello there", "usage": COUNTS}, "finish_reason": "stop"}]}), request=ANY,
        text="Hello there", rest=(USED, STOP)),
    talk("usage of Ollama", said("Hello there"), {**END, "prompt_eval_count": 11, "eval_count": 5},
         rest=(Usage(prompt_tokens=11, completion_tokens=5), STOP)),
    talk("usage in other words", said("Hello there"), {**END, "usage": {"input_tokens": 11, "output_tokens": 5.0}},
         rest=(Usage(prompt_tokens=11, completion_tokens=5), STOP)),
)  # fmt: skip

SERVERS_FUSION = (
    talk("no reason before the end marker", delta("Hello"), delta(" there"), rest=(CUT,)),
    talk("numbers", delta("It is "), envelope({"delta": 42, "finish_reason": ""}, {}),
         envelope({"delta": 1.50, "finish_reason": "stop"}, {}), text="It is 421.5"),
    Sample(name="number as a whole", body=lines(whole(42)), request=ANY, text="42",  # type: ignore[arg-type]  # no text
           rest=(USED, STOP)),
    talk("all text so far", delta("Hello"), delta("Hello th"), delta("Hello there"), delta("", "stop"),
         rest=(USED, STOP)),
    talk("reasoning in the text", delta("<think>hm</think>\nHello"), delta(" there", "stop"), rest=(USED, STOP)),
    talk("reasoning, then its end", delta("hm\n"), delta("</think>\n\nHello"), delta(" there", "stop"),
         rest=(USED, STOP)),
    talk("harmony", delta(HARMONY), delta("", "stop"), text="Hello", rest=(USED, STOP)),
    Sample(name="only reasoning", body=events_of(thinking("hm"), delta("", "stop")), request=ANY,
           error=ErrorKind.ONLY_THOUGHT),
    talk("a reason in every piece", delta("Hello", "stop"), delta(" there", "stop"), rest=(USED, STOP)),
    talk("cut by length", delta("Hello there"), delta("", "max_tokens"),
         rest=(USED, Finish(reason=FinishReason.LENGTH))),
)  # fmt: skip
