"""Opens the endpoints that are set up."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.config import Config
from bot.domain.model.ports import ChatModel
from bot.providers.answer.chat import InText
from bot.providers.http.transport import Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from bot.providers.picture.download import Reach
from bot.services.model.registry import Models

logger = logging.getLogger(__name__)


def open_model(config: Config, transport: Transport) -> ChatModel:
    """Choose the model that the configuration names."""
    if config.provider == "fusion":
        if not config.miaohua_token:
            logger.warning(
                "MIAOHUA_TOKEN is not set: nothing is drawn, and the endpoint may refuse questions too. "
                "Put the Miaohua token into MIAOHUA_TOKEN and restart the bot"
            )
        return FusionModel(
            transport,
            url=config.fusion_url,
            api_key=config.fusion_api_secret_key.reveal(),
            auth_scheme=config.fusion_auth_scheme,
            miaohua_token=config.miaohua_token.reveal(),
        )
    return ChatCompletionsModel(
        transport,
        base_url=config.openai_base_url,
        api_key=config.openai_api_key.reveal(),
        chat_model=config.openai_chat_model,
        image_model=config.openai_image_model,
        in_text=InText(hosts=config.image_fetch_in_text),
    )


def open_models(config: Config, transport: Transport) -> Models:
    """Open every endpoint that is set up: the operator's, and others that have all they need."""
    ready = {
        "fusion": bool(config.fusion_api_secret_key),
        "chat_completions": bool(config.openai_base_url and config.openai_chat_model),
    }
    names = [name for name in ready if ready[name] or name == config.provider]
    return Models(
        {name: open_model(replace(config, provider=name), transport) for name in names},
        default=config.provider,
        chat_models={"chat_completions": config.openai_chat_model},
    )


def reach_of(config: Config) -> Reach:
    """Say which hosts pictures may be fetched from."""
    return Reach(allow=config.image_fetch_allow, named=config.image_fetch_in_text)


def user_keys(config: Config) -> Callable[[int], str]:
    """Make the function that turns a Discord id into an opaque name: the same user, the same name, no way back.

    Keyed by the endpoint's own secret, so that two bots at one endpoint give different names.
    """
    secret = config.fusion_api_secret_key.reveal() or config.openai_api_key.reveal() or config.discord_token.reveal()
    key = hashlib.sha256(b"fusion-bot user key\0" + secret.encode()).digest()
    return lambda user: hmac.new(key, str(user).encode(), hashlib.sha256).hexdigest()[:32]
