"""Names in the environment that look like the bot's, but are not."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from bot import config
from bot.config import DEFAULT_PREFIX, SettingParser, default_name, old_defaults
from bot.errors import ConfigError
from bot.operations.doctor.findings import Finding, warning

_ALSO_CALLED: Mapping[str, str] = {
    "BOT_TOKEN": "DISCORD_TOKEN",
    "DISCORD_BOT_TOKEN": "DISCORD_TOKEN",
    "FUSION_KEY": "FUSION_API_SECRET_KEY",
    "FUSION_API_KEY": "FUSION_API_SECRET_KEY",
    "API_SECRET_KEY": "FUSION_API_SECRET_KEY",
    "MH_KEY": "MIAOHUA_TOKEN",
    "MIAOHUA_KEY": "MIAOHUA_TOKEN",
    "OPENAI_API_BASE": "OPENAI_BASE_URL",
    "OPENAI_MODEL": "OPENAI_CHAT_MODEL",
}
"""What other programs and the services' own documents call these things."""
_OWN_FAMILIES = ("DISCORD", "FUSION", "MIAOHUA")
"""First words of names that hardly any other program has."""
_SHARED_FAMILY = "OPENAI"
"""Most names of that family belong to other programs."""
_CLOSE, _CLOSE_IN_FAMILY, _CLOSE_IN_SHARED_FAMILY = 0.85, 0.72, 0.9
"""From which likeness (difflib's ratio, 0 to 1) a name is taken for a misspelt one; tried on the misspellings and the
other programs' names of the tests."""


class _Recording(Mapping[str, str]):
    """An environment that remembers which names were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def known_names(parse_setting: SettingParser) -> frozenset[str]:
    """List the names that the configuration is made of, by watching it being read: so there is no second list."""
    environ = _Recording()
    # An empty environment lacks the token; everything else is read all the same.
    with suppress(ConfigError):
        config.load(environ, parse_setting=parse_setting)
    return frozenset(environ.asked)


def outdated(environ: Mapping[str, str], old_names: Mapping[str, str]) -> list[Finding]:
    """Warn of defaults that are set under a name of an earlier version, which the bot still reads."""
    return [
        warning("names", f"{name} is the old name of {new}, which is set too and holds", "Remove it.")
        if environ.get(new, "").strip()
        else warning("names", f"{name} is the old name of {new}; it is still read", f"Rename it to {new}.")
        for name, new in sorted(old_defaults(environ, old_names).items())
    ]


def misspelt(
    environ: Mapping[str, str], known: Collection[str], settings: Collection[str], old_names: Mapping[str, str]
) -> list[Finding]:
    """Warn of names that are set, are no name of the bot's, and look as if they were meant to be.

    ``settings`` are the keys behind ``DEFAULT_``; those of ``old_names`` are no mistake. A name whose likely meaning is
    set as well is left alone: another program may read it.
    """
    names = {*known, *map(default_name, settings)}
    read = {*names, *old_defaults(environ, old_names)}
    findings = []
    for name in sorted(environ):
        if name in read or not environ[name].strip():
            continue
        meant = meaning(name, names)
        if meant and not environ.get(meant, "").strip():
            findings.append(
                warning("names", f"{name} is set, but the bot reads no such name", f"Did you mean {meant}?")
            )
        elif not meant and name.startswith(DEFAULT_PREFIX):
            findings.append(
                warning(
                    "names",
                    f"{name} is set, but there is no such setting",
                    "Remove it, or look its name up in docs/configuration.md.",
                )
            )
    return findings


def meaning(name: str, names: Collection[str]) -> str | None:
    """Guess which of ``names`` was meant; None where it is likely none of them."""
    upper = name.upper().replace("-", "_")
    if upper in names:
        return upper
    if upper in _ALSO_CALLED:
        return _ALSO_CALLED[upper]
    family = upper.split("_", 1)[0]
    cutoff = _CLOSE_IN_FAMILY if family in _OWN_FAMILIES else _CLOSE
    if family == _SHARED_FAMILY:
        cutoff = _CLOSE_IN_SHARED_FAMILY
    close = difflib.get_close_matches(upper, sorted(names), n=1, cutoff=cutoff)
    return close[0] if close else None
