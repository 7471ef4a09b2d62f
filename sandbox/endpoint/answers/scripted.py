"""The scripted answers, for when no model is installed and for what the model does not know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.endpoint.answers import texts
from sandbox.endpoint.answers.guide import GUIDE
from sandbox.endpoint.answers.messages import Utterance, utterances

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from sandbox.endpoint.answers.answerer import Sampling
    from sandbox.endpoint.answers.messages import Message
    from sandbox.endpoint.answers.pace import Piece
    from sandbox.endpoint.answers.texts import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """One question with what went before; `said` is all that people said before it, oldest first.

    `model` names the language model that answers where the script does not, "" where there is none.
    """

    question: str
    speaker: str | None
    language: Language
    said: tuple[Utterance, ...]
    model: str = ""

    def has(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.question, re.IGNORECASE)

    def pick(self, english: str, chinese: str) -> str:
        return chinese if self.language == "zh" else english


class ScriptedAnswerer:
    """A conversationalist by rules: the same conversation gets the same answer; it remembers what it was told.

    `beside` names the language model in whose place it answers what that does not know (Chinese); "" is none.
    """

    name = "scripted answers (no model)"
    busy = False

    def __init__(self, *, beside: str = "") -> None:
        self._beside = beside

    async def answer(
        self,
        messages: Sequence[Message],
        sampling: Sampling,  # noqa: ARG002  # a script has nothing to sample
    ) -> AsyncGenerator[str | Piece]:
        """Yield the whole answer at once."""
        yield compose(messages, model=self._beside)


def compose(messages: Sequence[Message], *, model: str = "") -> str:
    """Return the scripted answer to the last user message; never empty."""
    talk = _talk_of(messages, model)
    if _CONTINUE.search(talk.question) and (rest := _rest_of_last_answer(messages)):
        return rest
    return next(found for rule in _RULES if (found := rule(talk)))


def knows(messages: Sequence[Message]) -> bool:
    """Tell whether the script has the right answer where a small model would have a wrong one, or a poor one."""
    talk = _talk_of(messages)
    return any(rule(talk) for rule in (_recall, _count, _sum)) or bool(talk.has(r"\bjokes?\b|markdown|formatting"))


def _talk_of(messages: Sequence[Message], model: str = "") -> _Talk:
    users = [message for message in messages if message.role == "user"]
    said = [one for message in users for one in utterances(message.content)]
    last = said.pop()
    *before, _ = last.text.splitlines() or [""]  # a client may have joined messages that got no answer
    said += [Utterance(speaker=last.speaker, text=line) for line in before if line.strip()]
    language: Language = "zh" if re.search(r"[\u4e00-\u9fff]", last.text) else "en"
    return _Talk(question=last.text, speaker=last.speaker, language=language, said=tuple(said), model=model)


_CONTINUE: Final = re.compile(
    r"^(?:please\s+)?(?:continue|go on|carry on|keep going)\b|^(?:请)?(?:继续|接着)", re.IGNORECASE
)


def _rest_of_last_answer(messages: Sequence[Message]) -> str:
    """Return what is missing of the answer that was cut off, or "" if nothing is."""
    turns = [message for message in messages if message.role != "system"]
    if len(turns) < 3 or turns[-2].role != "assistant":
        return ""
    whole, shown = compose(turns[:-2]), turns[-2].content
    return whole[len(shown) :] if whole.startswith(shown) else ""


def _identity(talk: _Talk) -> str | None:
    if not talk.has(
        r"who are you|what are you|are you (?:a |an )?(?:real|human|robot|bot|ai|model|language)|"
        r"which model|what model|你是谁|你是什么|你是(?:真人|人类|机器人|AI|模型)|什么模型|哪个模型"
    ):
        return None
    if talk.model:
        return talk.pick(
            f"I am the script that answers while {talk.model}, the language model on this machine, can't.",
            f"我有两部分：英文由这台电脑上的小语言模型 {talk.model} 回答；它几乎不会中文，所以中文由脚本回答。"
            "我会打招呼、记住你告诉我的事、写一点代码、讲长故事，还会画画。",
        )
    return talk.pick(
        "I am a scripted stand-in: no language model is installed here, so my answers come from a list of rules. "
        "I can greet you, remember what you tell me, write a little code, tell a long story, and draw.",
        "我是一个照脚本回答的替身：这里没有安装语言模型，我的回答来自一组规则。我会打招呼、记住你告诉我的事、写一点代码、讲长故事，还会画画。",
    )


_NAME_TOLD: Final = re.compile(
    r"(?:my name is|my name's|i am called|i'm called|call me)\s+(?P<en>\w[\w'-]*)|"
    r"(?:我叫|我的名字是|我的名字叫|叫我)(?!什么|啥)(?P<zh>[\w·]{1,12}?)(?:[吧啊呀]|\b)",
    re.IGNORECASE,
)
_FACT: Final = re.compile(
    r"\bmy (?P<key>[a-z][a-z' -]{1,30}?) (?:is|are) (?P<value>[^.!?\n]{1,80})|"
    r"我(?:的|最)(?P<key_zh>[\u4e00-\u9fff]{1,10}?)是(?P<value_zh>[^。！？\n什么]{1,40})",
    re.IGNORECASE,
)
_FACT_ASKED: Final = re.compile(
    r"what(?:'s| is| are| was) my (?P<key>[a-z][a-z' -]{1,30}?)\s*\??$|"
    r"我(?:的|最)(?P<key_zh>[\u4e00-\u9fff]{1,10}?)是(?:什么|谁|哪)",
    re.IGNORECASE,
)


def _recall(talk: _Talk) -> str | None:
    own = [one for one in talk.said if talk.speaker is None or one.speaker in (talk.speaker, None)]
    if talk.has(
        r"what(?:'s| is) my name|do you (?:know|remember) my name|who am i\b|"
        r"我叫什么|我是谁|我的名字(?:是什么|吗)|记得我的名字"
    ):
        names = [found["en"] or found["zh"] for one in own if (found := _NAME_TOLD.search(one.text))]
        if not names and talk.speaker:
            return talk.pick(f"People here call you {talk.speaker}.", f"这里的人叫你{talk.speaker}。")
        if not names:
            return talk.pick("You have not told me your name yet.", "你还没有告诉我你的名字。")
        return talk.pick(f"Your name is {names[-1]}.", f"你叫{names[-1]}。")
    if asked := _FACT_ASKED.search(talk.question):
        key = (asked["key"] or asked["key_zh"]).lower()
        for one in reversed(own):
            found = _FACT.search(one.text)
            if found and (found["key"] or found["key_zh"]).lower() == key:
                value = (found["value"] or found["value_zh"]).strip()
                return talk.pick(f"Your {key} is {value}.", f"你说过，你的{key}是{value}。")
        return talk.pick(f"You have not told me about your {key} yet.", f"你还没有说过你的{key}。")
    if talk.has(
        r"what did i (?:just )?(?:say|ask|tell)|what was my (?:last|previous|first)|"
        r"我(?:刚才|之前|上次|刚刚|先前)(?:说|问)"
    ):
        if not own:
            return talk.pick("This is the first thing you have said to me.", "这是你对我说的第一句话。")
        first = talk.has(r"first|第一|最早")
        return talk.pick("You said: ", "你说过：") + f"“{own[0 if first else -1].text}”"
    return None


def _told(talk: _Talk) -> str | None:
    if found := _NAME_TOLD.search(talk.question):
        name = found["en"] or found["zh"]
        return talk.pick(f"Nice to meet you, {name}! I will remember your name.", f"很高兴认识你，{name}！我会记住的。")
    if (fact := _FACT.search(talk.question)) and not talk.question.rstrip().endswith(("?", "？")):
        key, value = fact["key"] or fact["key_zh"], fact["value"] or fact["value_zh"]
        return talk.pick(f"Noted: your {key} is {value.strip()}.", f"记住了：你的{key}是{value.strip()}。")
    if talk.has(r"^remember\b|^(?:请)?记住"):
        return talk.pick("I will remember that.", "我记住了。")
    return None


def _long(talk: _Talk) -> str | None:
    if talk.has("长答案|番茄"):
        return GUIDE
    if not talk.has(r"\b(?:very )?long(?:er|est)?\b|essay|chapters|长篇|很长|长文|长一点|长故事|长回答|长的"):
        return None
    parts = [texts.story(talk.language)]
    if talk.has(r"code|program|script|代码|程序"):
        parts.insert(0, texts.long_code(talk.language))
    return "\n\n".join(parts)


def _code(talk: _Talk) -> str | None:
    if not talk.has(
        r"\b(?:write|show|give|implement|make|create)\b.*\b(?:code|function|program|script|class|python|javascript|snippet)\b|"
        r"(?:写|编|实现|给我).*(?:代码|函数|程序|脚本|类|python)|hello world"
    ):
        return None
    topics = [topic for topic, words in texts.CODE_WORDS.items() if any(talk.has(re.escape(word)) for word in words)]
    code = texts.CODE[topics[0] if topics else "greet"]
    before = talk.pick("Here is a small example in Python:", "这是一个 Python 的小例子：")
    after = talk.pick("Tell me what you would like changed.", "想改哪里，请告诉我。")
    return f"{before}\n\n```python\n{code}\n```\n\n{after}"


def _count(talk: _Talk) -> str | None:
    found = talk.has(r"count (?:up )?to (\d{1,4})|数到\s*(\d{1,4})")
    if found is None:
        return None
    limit = max(1, int(found[1] or found[2]))
    return " ".join(str(number) for number in range(1, limit + 1))


_SUMS: Final[dict[str, Callable[[int, int], int]]] = {
    "+": int.__add__,
    "-": int.__sub__,
    "*": int.__mul__,
    "×": int.__mul__,
    "x": int.__mul__,
}


def _sum(talk: _Talk) -> str | None:
    found = talk.has(r"(?<!\d)(\d{1,9})\s*([+\-*×x])\s*(\d{1,9})(?!\d)")
    if found is None:
        return None
    left, sign, right = int(found[1]), found[2].lower(), int(found[3])
    return f"{left} {sign.replace('*', '×').replace('x', '×')} {right} = {_SUMS[sign](left, right)}"


def _list(talk: _Talk) -> str | None:
    if not talk.has(r"\blist\b|\b(?:ideas|tips|suggestions|things)\b|列出|列表|清单|建议|点子"):
        return None
    found = talk.has(r"\d{1,2}")
    words = texts.LISTS[talk.language]
    count = min(len(words), max(1, int(found[0]))) if found else 5
    lines = "\n".join(f"{number}. {line}" for number, line in enumerate(words[:count], 1))
    return talk.pick("Here is a list:", "清单如下：") + f"\n{lines}"


def _small_talk(talk: _Talk) -> str | None:
    name = talk.speaker or ""
    if talk.has(r"\bjokes?\b|笑话"):
        return texts.JOKES[talk.language]
    if talk.has(r"\b(?:poem|haiku|verse)\b|诗"):
        return texts.POEMS[talk.language]
    if talk.has(r"markdown|formatting|格式"):
        return texts.SHOWCASE[talk.language]
    if talk.has(r"\bstory\b|故事"):
        return texts.story(talk.language).split("\n\n")[0]
    if talk.has(r"(?:how|can|do|could).*\b(?:draw|paint|sketch)|(?:怎么|如何|会|能).*画"):
        return talk.pick(
            "To draw it yourself: begin with the large shapes, then the outline, then light and shadow, details last. "
            'To have me draw it, say for instance "draw a fox in the snow".',
            "自己画的话：先画大的形状，再勾轮廓，然后是明暗，最后是细节。想让我画，就说“画一只雪地里的狐狸”。",
        )
    if talk.has(r"\b(?:thanks|thank you|thx|cheers)\b|谢谢|多谢|感谢"):
        return talk.pick("You are welcome!", "不客气！")
    if talk.has(r"\b(?:bye|goodbye|good night|see you)\b|再见|晚安|拜拜"):
        return talk.pick("Goodbye, and come back soon!", "再见，欢迎再来！")
    if talk.has(r"how are you|how is it going|你好吗|最近怎么样"):
        return talk.pick("I am well, thank you. What can I do for you?", "我很好，谢谢。有什么可以帮你的？")
    if talk.has(r"^\W*(?:hi|hello|hey|good (?:morning|evening|afternoon)|greetings)\b|你好|您好|嗨|早上好|晚上好"):
        return talk.pick(
            f"Hello{', ' + name if name else ''}! What would you like to talk about?",
            f"你好{name and '，' + name}！想聊点什么？",
        )
    return None


def _otherwise(talk: _Talk) -> str | None:
    shown = " ".join(talk.question.split())
    shown = shown if len(shown) <= 120 else shown[:119] + "…"
    if not shown:
        return talk.pick(
            "You called? Ask me something, or say what I shall draw.", "你叫我吗？问点什么，或者说说要我画什么。"
        )
    number = len(talk.said) + 1
    if talk.model:
        return talk.pick(
            f"You said “{shown}”. {talk.model}, the language model on this machine, has no answer just now, and my "
            "script knows no better. Try once more, or in other words.",
            f"你说：“{shown}”。这里的小模型 {talk.model} 几乎不会中文，中文由脚本回答，所以我说不出太多，"
            f"不过我读到了（这是你们说的第{number}句）。可以试试“写一个 Python 函数”“讲一个长故事”或“画一只狐狸”，"
            "也可以用英文和我聊。",
        )
    return talk.pick(
        f"You said “{shown}”. No language model is installed here, so I can't say much about that, but I have read it "
        f"(it is line {number} of what you people told me). Try “write a Python function”, “tell me a long story” or "
        f"“draw a fox in the snow”.",
        f"你说：“{shown}”。这里没有安装语言模型，所以我说不出太多，不过我读到了（这是你们说的第{number}句）。"
        f"可以试试“写一个 Python 函数”“讲一个长故事”或者“画一只雪地里的狐狸”。",
    )


_RULES: Final[tuple[Callable[[_Talk], str | None], ...]] = (
    _identity,
    _recall,
    _long,
    _code,
    _count,
    _sum,
    _told,
    _small_talk,
    _list,
    _otherwise,
)
