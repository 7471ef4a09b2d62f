"""The names of settings and of their choices, and a line of help for each; every key has both."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.settings.catalogue import CATALOGUE
from bot.presentation.words.languages import WordId, mark

TITLES: Mapping[str, WordId] = {
    "provider": mark("settings.title.provider"),
    "chat_model": mark("settings.title.chat_model"),
    "image_model": mark("settings.title.image_model"),
    "temperature": mark("settings.title.temperature"),
    "top_p": mark("settings.title.top_p"),
    "max_new_tokens": mark("settings.title.max_new_tokens"),
    "repetition_penalty": mark("settings.title.repetition_penalty"),
    "persona": mark("settings.title.persona"),
    "context_messages": mark("settings.title.context_messages"),
    "context_tokens": mark("settings.title.context_tokens"),
    "language": mark("settings.title.language"),
    "listening": mark("settings.title.listening"),
    "turn_order": mark("settings.title.turn_order"),
    "buttons_for": mark("settings.title.buttons_for"),
    "reasoning": mark("settings.title.reasoning"),
    "ping": mark("settings.title.ping"),
    "answer_in_thread": mark("settings.title.answer_in_thread"),
    "pages_before_file": mark("settings.title.pages_before_file"),
    "rerun_on_edit_s": mark("settings.title.rerun_on_edit_s"),
    "retention_days": mark("settings.title.retention_days"),
    "drawing_allowed": mark("settings.title.drawing_allowed"),
    "intent_check": mark("settings.title.intent_check"),
    "drawing_model": mark("settings.title.drawing_model"),
    "size": mark("settings.title.size"),
    "steps": mark("settings.title.steps"),
    "scale": mark("settings.title.scale"),
    "seed": mark("settings.title.seed"),
    "enhance": mark("settings.title.enhance"),
    "control": mark("settings.title.control"),
    "max_size": mark("settings.title.max_size"),
    "max_megapixels": mark("settings.title.max_megapixels"),
    "max_steps": mark("settings.title.max_steps"),
    "max_count": mark("settings.title.max_count"),
    "spoilers": mark("settings.title.spoilers"),
    "channels_allowed": mark("settings.title.channels_allowed"),
    "channels_refused": mark("settings.title.channels_refused"),
    "roles_allowed": mark("settings.title.roles_allowed"),
    "roles_refused": mark("settings.title.roles_refused"),
    "manager_roles": mark("settings.title.manager_roles"),
    "forbidden_words": mark("settings.title.forbidden_words"),
    "refusals": mark("settings.title.refusals"),
    "person_calls_a_day": mark("settings.title.person_calls_a_day"),
    "person_tokens_a_day": mark("settings.title.person_tokens_a_day"),
    "person_pictures_a_day": mark("settings.title.person_pictures_a_day"),
    "guild_calls_a_day": mark("settings.title.guild_calls_a_day"),
    "guild_tokens_a_day": mark("settings.title.guild_tokens_a_day"),
    "guild_pictures_a_day": mark("settings.title.guild_pictures_a_day"),
    "cost_per_1000_tokens": mark("settings.title.cost_per_1000_tokens"),
    "cost_per_picture": mark("settings.title.cost_per_picture"),
    "cost_currency": mark("settings.title.cost_currency"),
}

HELP: Mapping[str, WordId] = {
    "provider": mark("settings.help.provider"),
    "chat_model": mark("settings.help.chat_model"),
    "image_model": mark("settings.help.image_model"),
    "temperature": mark("settings.help.temperature"),
    "top_p": mark("settings.help.top_p"),
    "max_new_tokens": mark("settings.help.max_new_tokens"),
    "repetition_penalty": mark("settings.help.repetition_penalty"),
    "persona": mark("settings.help.persona"),
    "context_messages": mark("settings.help.context_messages"),
    "context_tokens": mark("settings.help.context_tokens"),
    "language": mark("settings.help.language"),
    "listening": mark("settings.help.listening"),
    "turn_order": mark("settings.help.turn_order"),
    "buttons_for": mark("settings.help.buttons_for"),
    "reasoning": mark("settings.help.reasoning"),
    "ping": mark("settings.help.ping"),
    "answer_in_thread": mark("settings.help.answer_in_thread"),
    "pages_before_file": mark("settings.help.pages_before_file"),
    "rerun_on_edit_s": mark("settings.help.rerun_on_edit_s"),
    "retention_days": mark("settings.help.retention_days"),
    "drawing_allowed": mark("settings.help.drawing_allowed"),
    "intent_check": mark("settings.help.intent_check"),
    "drawing_model": mark("settings.help.drawing_model"),
    "size": mark("settings.help.size"),
    "steps": mark("settings.help.steps"),
    "scale": mark("settings.help.scale"),
    "seed": mark("settings.help.seed"),
    "enhance": mark("settings.help.enhance"),
    "control": mark("settings.help.control"),
    "max_size": mark("settings.help.max_size"),
    "max_megapixels": mark("settings.help.max_megapixels"),
    "max_steps": mark("settings.help.max_steps"),
    "max_count": mark("settings.help.max_count"),
    "spoilers": mark("settings.help.spoilers"),
    "channels_allowed": mark("settings.help.channels_allowed"),
    "channels_refused": mark("settings.help.channels_refused"),
    "roles_allowed": mark("settings.help.roles_allowed"),
    "roles_refused": mark("settings.help.roles_refused"),
    "manager_roles": mark("settings.help.manager_roles"),
    "forbidden_words": mark("settings.help.forbidden_words"),
    "refusals": mark("settings.help.refusals"),
    "person_calls_a_day": mark("settings.help.person_calls_a_day"),
    "person_tokens_a_day": mark("settings.help.person_tokens_a_day"),
    "person_pictures_a_day": mark("settings.help.person_pictures_a_day"),
    "guild_calls_a_day": mark("settings.help.guild_calls_a_day"),
    "guild_tokens_a_day": mark("settings.help.guild_tokens_a_day"),
    "guild_pictures_a_day": mark("settings.help.guild_pictures_a_day"),
    "cost_per_1000_tokens": mark("settings.help.cost_per_1000_tokens"),
    "cost_per_picture": mark("settings.help.cost_per_picture"),
    "cost_currency": mark("settings.help.cost_currency"),
}

CHOICES: Mapping[str, Mapping[str, WordId]] = {
    "provider": {
        "operator": mark("settings.choice.provider.operator"),
        "fusion": mark("settings.choice.provider.fusion"),
        "chat_completions": mark("settings.choice.provider.chat_completions"),
    },
    "language": {
        "auto": mark("settings.choice.language.auto"),
        "en": mark("settings.choice.language.en"),
        "zh-CN": mark("settings.choice.language.zh_cn"),
    },
    "listening": {
        "addressed": mark("settings.choice.listening.addressed"),
        "all": mark("settings.choice.listening.all"),
    },
    "turn_order": {
        "side_by_side": mark("settings.choice.turn_order.side_by_side"),
        "in_order": mark("settings.choice.turn_order.in_order"),
    },
    "buttons_for": {
        "asker": mark("settings.choice.buttons_for.asker"),
        "everyone": mark("settings.choice.buttons_for.everyone"),
    },
    "refusals": {
        "words": mark("settings.choice.refusals.words"),
        "reaction": mark("settings.choice.refusals.reaction"),
        "quiet": mark("settings.choice.refusals.quiet"),
    },
    "reasoning": {
        "line": mark("settings.choice.reasoning.line"),
        "hidden": mark("settings.choice.reasoning.hidden"),
    },
    "intent_check": {
        "auto": mark("settings.choice.intent_check.auto"),
        "always": mark("settings.choice.intent_check.always"),
        "never": mark("settings.choice.intent_check.never"),
        "confirm": mark("settings.choice.intent_check.confirm"),
    },
    "control": {"off": mark("settings.choice.control.off")},
}
"""Choices that are not here are technical names, and are their own words."""

EMPTY: Mapping[str, WordId] = {
    "chat_model": mark("settings.empty.chat_model"),
    "image_model": mark("settings.empty.image_model"),
    "channels_allowed": mark("settings.empty.channels_allowed"),
    "roles_allowed": mark("settings.empty.roles_allowed"),
}
"""What an empty value means; of settings that are not here: none."""

_OTHER_FIELDS: Mapping[str, str] = {"system": "persona", "max_completion_tokens": "max_new_tokens"}


def title_of_field(name: str) -> WordId | None:
    """Return the name of the setting that an endpoint's field is sent for; None if there is none."""
    named = (key for key, entry in CATALOGUE.items() if name and name in (entry.fusion, entry.chat_completions))
    return TITLES.get(next(named, _OTHER_FIELDS.get(name, "")))
