"""What a prompt asks for: subjects, place, time of day, weather and colours, read from English and Chinese words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.endpoint.painting.canvas import Colour

_SUBJECTS: Final = {
    "fox": "fox(?:es)?|狐狸",
    "cat": "cats?|kittens?|kitty|猫",
    "dog": "dogs?|pupp(?:y|ies)|狗|犬",
    "rabbit": "rabbits?|bunn(?:y|ies)|hares?|兔",
    "panda": "pandas?|熊猫",
    "bear": "bears?|熊",
    "tiger": "tigers?|老虎|虎",
    "lion": "lions?|狮",
    "wolf": "wol(?:f|ves)|狼",
    "bird": "birds?|sparrows?|parrots?|robins?|鸟|麻雀|鹦鹉",
    "fish": "fish(?:es)?|goldfish|鱼",
    "whale": "whales?|dolphins?|鲸|海豚",
    "butterfly": "butterfl(?:y|ies)|蝴蝶",
    "robot": "robots?|androids?|机器人",
    "house": "houses?|cottages?|cabins?|huts?|房子|小屋|木屋|房屋",
    "castle": "castles?|palaces?|towers?|城堡|宫殿|塔",
    "boat": "boats?|ships?|sail(?:boat|ing)?s?|船|帆",
    "balloon": "balloons?|气球",
    "rocket": "rockets?|spaceships?|火箭|飞船",
    "flower": "flowers?|roses?|tulips?|sunflowers?|blossoms?|花|玫瑰",
    "tree": "trees?|oaks?|pines?|树",
}
_PLACES: Final = {
    "underwater": "underwater|under water|reefs?|水下|海底|珊瑚",
    "space": "space|galax(?:y|ies)|planets?|nebulas?|cosmos|太空|宇宙|星系|行星",
    "sea": "seas?|oceans?|beach(?:es)?|coasts?|waves?|lakes?|海|湖|沙滩|波浪",
    "city": "cit(?:y|ies)|streets?|skyline|skyscrapers?|towns?|城市|街|都市",
    "desert": "deserts?|dunes?|沙漠",
    "forest": "forests?|woods?|jungle|森林|树林",
    "mountain": "mountains?|hills?|alps?|peaks?|valleys?|山|峰",
    "meadow": "meadows?|fields?|grass|gardens?|parks?|草地|草原|田野|花园",
}
_TIMES: Final = {
    "night": "nights?|midnight|moon(?:light|lit)?|stars?|starry|dark|夜|月|星",
    "sunset": "sunsets?|dusk|evening|日落|黄昏|傍晚|夕阳|晚霞",
    "dawn": "dawn|sunrise|morning|日出|清晨|早晨|黎明|朝霞",
    "day": "sun|sunny|day|daylight|noon|太阳|阳光|白天|晴",
}
_WEATHER: Final = {
    "snow": "snow(?:y|ing|fall)?|winter|ice|icy|雪|冬",
    "rain": "rain(?:y|ing)?|storm(?:y)?|雨",
    "fog": "fog(?:gy)?|mist(?:y)?|雾",
    "clouds": "clouds?|cloudy|云",
    "autumn": "autumn|fall leaves|秋",
}
COLOURS: Final[dict[str, tuple[str, Colour]]] = {
    "red": ("red|crimson|scarlet|红", (206, 54, 52)),
    "orange": ("orange|橙|橘", (232, 126, 48)),
    "yellow": ("yellow|黄", (240, 200, 64)),
    "gold": ("gold(?:en)?|金", (222, 176, 64)),
    "green": ("green|绿", (84, 160, 92)),
    "teal": ("teal|turquoise|cyan|青", (52, 160, 164)),
    "blue": ("blue|蓝", (62, 112, 204)),
    "purple": ("purple|violet|紫", (136, 84, 184)),
    "pink": ("pink|粉", (236, 140, 172)),
    "brown": ("brown|棕|褐", (134, 92, 62)),
    "white": ("white|白", (240, 240, 244)),
    "grey": ("gr[ae]y|silver|灰|银", (146, 150, 162)),
    "black": ("black|黑", (52, 50, 60)),
}
MAX_SUBJECTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What was recognised; `subjects` are (name, own colour or None) in the order of the prompt, at most three."""

    subjects: tuple[tuple[str, Colour | None], ...]
    place: str | None
    time: str | None
    weather: str | None
    accent: Colour | None

    @property
    def empty(self) -> bool:
        """Nothing was recognised that could be painted as a scene."""
        return not self.subjects and self.place is None and self.time is None and self.weather is None


def read_wish(prompt: str) -> Scene:
    """Recognise what a prompt names."""
    found = sorted((place, name) for name, words in _SUBJECTS.items() if (place := _find(words, prompt)) >= 0)
    names = [name for _, name in found]
    if "panda" in names and "bear" in names:  # 熊猫 has both words in it
        names = [name for name in names if name != "bear"]
    if "panda" in names and "cat" in names and not re.search(r"\bcats?\b|(?<!熊)猫", prompt, re.IGNORECASE):
        names.remove("cat")
    colours = [(name, colour) for name, (words, colour) in COLOURS.items() if _find(words, prompt) >= 0]
    subjects = tuple((name, _own_colour(name, prompt)) for name in names[:MAX_SUBJECTS])
    return Scene(
        subjects=subjects,
        place=_first(_PLACES, prompt),
        time=_first(_TIMES, prompt),
        weather=_first(_WEATHER, prompt),
        accent=colours[0][1] if colours else None,
    )


def _pattern(words: str) -> str:
    """Whole words in English; Chinese has no word boundaries."""
    parts = words.split("|")
    plain: list[str] = []
    depth = 0
    for part in parts:  # a bar inside brackets belongs to one word
        if depth:
            plain[-1] += "|" + part
        else:
            plain.append(part)
        depth += part.count("(") - part.count(")")
    return "|".join(rf"\b(?:{word})\b" if word.isascii() else word for word in plain)


def _find(words: str, prompt: str) -> int:
    found = re.search(_pattern(words), prompt, re.IGNORECASE)
    return found.start() if found else -1


def _first(table: dict[str, str], prompt: str) -> str | None:
    return next((name for name, words in table.items() if _find(words, prompt) >= 0), None)


def _own_colour(subject: str, prompt: str) -> Colour | None:
    """Return the colour that stands right before a subject ("red fox", 红色的狐狸)."""
    for words, colour in COLOURS.values():
        if re.search(
            rf"(?:{_pattern(words)})(?:\s+[a-z]+)?[\s色的小大]*(?:{_pattern(_SUBJECTS[subject])})",
            prompt,
            re.IGNORECASE,
        ):
            return colour
    return None
