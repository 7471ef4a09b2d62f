"""Which endpoint and models a place gets that has chosen none: those of ``DEFAULT_…``, else the operator's."""

from __future__ import annotations

from dataclasses import replace

from bot.config import Config
from bot.domain.settings.catalogue import Settings
from bot.operations.doctor.findings import Finding, warning

_NEEDED = {"fusion": "FUSION_API_SECRET_KEY", "chat_completions": "OPENAI_BASE_URL and OPENAI_CHAT_MODEL"}


def in_force(config: Config) -> Config:
    """Return the configuration with the endpoint and models that ``DEFAULT_…`` puts in place of the others.

    As the bot itself, it stays with ``PROVIDER`` where the other endpoint is not set up.
    """
    settings = Settings(**config.defaults)
    return replace(
        config,
        provider=settings.provider if _is_ready(config, settings.provider) else config.provider,
        openai_chat_model=settings.chat_model or config.openai_chat_model,
        openai_image_model=settings.image_model or config.openai_image_model,
    )


def model_names(config: Config) -> tuple[str, str]:
    """Return the names of the settings that hold the chat model and the image model of an OpenAI-compatible server."""
    settings = Settings(**config.defaults)
    return (
        "DEFAULT_CHAT_MODEL" if settings.chat_model else "OPENAI_CHAT_MODEL",
        "DEFAULT_IMAGE_MODEL" if settings.image_model else "OPENAI_IMAGE_MODEL",
    )


def check_choice(config: Config) -> list[Finding]:
    """Look whether the endpoint that ``DEFAULT_PROVIDER`` names is set up."""
    chosen = Settings(**config.defaults).provider
    if chosen not in _NEEDED or _is_ready(config, chosen):
        return []
    found = f"DEFAULT_PROVIDER={chosen} is not set up, so the endpoint of PROVIDER={config.provider} answers instead"
    return [warning("endpoint", found, f"Set {_NEEDED[chosen]}, or take DEFAULT_PROVIDER away.")]


def _is_ready(config: Config, provider: str) -> bool:
    if provider == "fusion":
        return bool(config.fusion_api_secret_key)
    return provider == "chat_completions" and bool(config.openai_base_url and config.openai_chat_model)
