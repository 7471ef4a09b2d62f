"""Is this message a drawing request? A small classifier of English and Chinese by rules.

A request counts when a clause *begins* with it, after politeness and the like: so "draw a fox", "could you paint me
the sea?" and "请帮我画一只狐狸" are requests; "don't draw", "how do I draw a fox?", "I drew a cat" and
"你会画画吗" are chat.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.endpoint.answers.messages import quoted, utterances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.endpoint.answers.messages import Message

_CLAUSES: Final = re.compile(r"[.!?;,\n。！？；，、…]+\s*|\s+(?:but|then|and then)\s+|(?:但是|但|然后|而是)")

_POLITE: Final = r"""(?:(?:please|pls|plz|hey|hi|hello|ok|okay|now|so|and|also|just|instead|again|maybe|kindly|next|
    (?:can|could|would|will)\s+you|i(?:'d|\s+would)\s+(?:like|love)\s+(?:you\s+)?to|i\s+(?:want|need)\s+you\s+to|
    (?:i(?:'d|\s+would)\s+like|i\s+want|i\s+need)(?=\s+an?\s)|
    you\s+(?:should|must|may|can)|let's|let\s+us|try\s+(?:to|and)|try\s+drawing|go\s+ahead\s+and|help\s+me(?:\s+to)?|
    how\s+about\s+you|be\s+so\s+kind\s+and|bot|do)\s+)*"""
_PICTURE: Final = r"""(?:picture|pic|image|drawing|painting|illustration|sketch|portrait|photo|photograph|logo|
    poster|wallpaper|icon|artwork|avatar|doodle|cartoon|watercolou?r)s?"""
_NO_DRAWING: Final = r"""(?:an?\s+|the\s+|any\s+|some\s+)?(?:conclusions?|comparisons?|distinctions?|parallels?|
    attention|inspiration|inferences?|lessons?|lots?|breath|blood|curtains?|blinds?|line\s+between|up|out|on|from|near|
    ascii|mermaid|uml|flow\s?chart|sequence|er|class|graphviz|
    (?:\w+\s+){0,4}diagrams?)\b"""
_ENGLISH: Final = re.compile(
    rf"""^{_POLITE}(?:
        (?:draw|paint|sketch|illustrate|doodle|re-?draw)\b(?:\s+(?:me|us|for\s+me))?\s+
            (?!{_NO_DRAWING}|(?:me|us|it|that|this|something|anything)?\s*$)
        |(?:generate|create|make|produce|design|render|show|give|send|get|imagine|do|want|need|an?)\b
            (?:\s+[\w'-]+){{0,5}}?\s+{_PICTURE}\s+(?:of|with|for|showing|where|in|that|about)\s+
        |(?:an?\s+)?(?:(?!the\b|this\b|that\b|my\b|your\b)\w+\s+)?{_PICTURE}\s+of\s+
        |(?:generate|create|make|produce|design|render|draw|paint)\b(?:\s+[\w'-]+){{1,5}}?\s+{_PICTURE}\s*$
        |(?:draw|paint|sketch|illustrate)\b\s+(?:me|us)?\s*(?:something|anything|it|this|that)\s*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Words about code or files: what "draws" there is a program, and the wish is chat.
_ABOUT_CODE: Final = re.compile(
    r"\b(?:code|python|javascript|svg|html|css|matplotlib|turtle|ascii|mermaid|latex|tikz|function|script|program)\b|"
    r"代码|程序|脚本|字符画",
    re.IGNORECASE,
)
_FIRST_WORD_OF_QUESTION: Final = re.compile(
    r"^(?:how|why|what|when|where|who|which|did|does|do\s+you|is|are|was|were|should|have|has|if|don't|do\s+not|never|"
    r"stop|no|not|without|please\s+(?:don't|do\s+not|stop|never))\b",
    re.IGNORECASE,
)

_CHINESE_POLITE: Final = r"""(?:请你?|麻烦你?|拜托|帮忙|帮我们?|给我们?|替我|为我|能不能|可不可以|可以|能否|能|想让你|
    我要你|我想让你|我希望你|我想要|我要|我想看|想要|再|现在|接着|那就|那|好的|好|你好|你来|你|来|随便|试着|快|直接|
    重新|用[^画]{1,8}(?:风格|画风|笔触))*"""
_CHINESE_PICTURE: Final = (
    r"(?:图片|图像|图画|插图|插画|照片|海报|头像|壁纸|油画|水彩画?|国画|素描|漫画|"
    r"图(?![书表灵论标片像画])|画(?![家面廊展册质风]))"
)
_CHINESE: Final = re.compile(
    rf"""^{_CHINESE_POLITE}\s*(?:
        (?:重?画|绘制|绘画|描绘|绘|素描)(?!家|面|廊|展|册|质|风|布|饼|蛇添足|龙点睛|得|的|了|过|完|吗|画吗|什么|谁)
            \s*(?:出|下|一下|个画)?\s*(?=[^\s吗么呢吧啊？?])(?!画?[吗么呢吧啊]?$)
        |(?:生成|制作|创作|设计|做|来|出|弄|整|看)\s*[^。，！？]{{0,40}}?{_CHINESE_PICTURE}
        |(?:我?想?要)?[一两三四几\d]?[张幅副]\s*[^。，！？]{{1,40}}?{_CHINESE_PICTURE}
    )""",
    re.VERBOSE,
)
_CHINESE_NOT: Final = re.compile(
    r"^(?:请|麻烦|你|先)*(?:别|不要|不用|不必|不需要|不想|无需|停止|勿)|"
    r"(?:是什么意思|什么意思|怎么样)|(?:怎么|如何|怎样|为什么|为何)[^。，]*[画绘]"
)

_GOES_ON: Final = re.compile(
    r"^\s*(?:$|(?:with|without|in|on|at|and|under|over|by|near|beside|behind|also|plus|wearing|holding)\b|[-*•(\d]|"
    r"在|有|带|背景|风格|戴|穿|还|和|旁边|加|要)",
    re.IGNORECASE,
)
_POINTS: Final = re.compile(r"\b(?:this|that|it)\b|这|那|它", re.IGNORECASE)


def drawing_prompt(text: str) -> str | None:
    """Return what is to be drawn, the words of the request included, or None if the text is chat.

    `text` is what one person said. From the first clause that is a request to the end all belongs to the prompt.
    """
    start = 0
    while start < len(text):
        boundary = _CLAUSES.search(text, start)
        end = boundary.start() if boundary else len(text)
        clause = text[start:end].strip()
        ends_in_question = bool(boundary and boundary[0].strip()[:1] in "?？")
        if clause and _is_request(clause, question=ends_in_question):
            return None if _ABOUT_CODE.search(text) else text[start:].strip()
        if boundary is None:
            return None
        start = boundary.end()
    return None


def drawing_intent(messages: Sequence[Message]) -> str | None:
    """Return the prompt if the last message asks for a drawing: what the last person in it said last decides.

    Clients join messages that got no answer line by line, so an earlier line counts only where the lines after it
    go on with it. "Draw this", said in reply to a message, takes that message into the prompt.
    """
    content = messages[-1].content
    lines = utterances(content)[-1].text.splitlines() or [""]
    start = len(lines) - 1
    while start > 0 and _GOES_ON.match(lines[start]):
        start -= 1
    prompt = drawing_prompt("\n".join(lines[start:]).strip())
    if prompt and (reference := quoted(content)) and _POINTS.search(prompt):
        return f"{prompt}\n{reference}"
    return prompt


def _is_request(clause: str, *, question: bool) -> bool:
    if _FIRST_WORD_OF_QUESTION.match(clause) or _CHINESE_NOT.search(clause):
        return False
    if _ENGLISH.match(clause):
        return True
    # "能画吗" asks for an ability; with an object ("能画一只狐狸吗") it is a request, question mark or not.
    return bool(_CHINESE.match(clause)) and not (question and re.search(r"会[^。，]*画", clause))
