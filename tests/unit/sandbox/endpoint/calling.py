"""A client of the local endpoint that calls it as the documents say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp

    from sandbox.endpoint import LocalEndpoint


def fusion_body(**changes: Any) -> dict[str, Any]:
    """Make a valid fusion request; `text` is short for its only message."""
    text = changes.pop("text", "hello")
    body: dict[str, Any] = {
        "messages": [{"role": "user", "content": text}],
        "temperature": 0.8,
        "top_p": 0.7,
        "max_new_tokens": 2048,
        "repetition_penalty": 1,
        "stream": False,
        "user_id": "someone",
        "output_img": True,
        "mh_key": "local-miaohua-token",
        "mh_add_prompt": False,
        "mh_ddim_steps": 20,
        "mh_model_name": "Artist_V0.1.3",
        "mh_output_size": "64x64",
        "mh_select_seed": 7,
        "mh_scale": 7,
        "mh_controlnet_model": "",
    }
    return {**body, **changes}


class Caller:
    """Calls the endpoint with its keys."""

    def __init__(self, endpoint: LocalEndpoint, session: aiohttp.ClientSession) -> None:
        self.endpoint = endpoint
        self.session = session

    def post(self, path: str, body: Any, authorization: str) -> Any:
        return self.session.post(self.endpoint.base_url + path, json=body, headers={"Authorization": authorization})

    async def fusion(self, *, authorization: str | None = None, **changes: Any) -> tuple[int, str]:
        key = self.endpoint.fusion_key if authorization is None else authorization
        async with self.post("/v1/fusion/chat-with-image", fusion_body(**changes), key) as response:
            return response.status, await response.text()

    async def fusion_json(self, **changes: Any) -> Any:
        status, text = await self.fusion(**changes)
        assert status == 200, text
        return json.loads(text)

    async def fusion_stream(self, **changes: Any) -> list[Any]:
        """Return the events of a stream; `[DONE]` stays a string."""
        status, text = await self.fusion(stream=True, **changes)
        assert status == 200, text
        return sse(text)

    async def chat(self, body: Any, authorization: str | None = None) -> tuple[int, str]:
        key = f"Bearer {self.endpoint.openai_key}" if authorization is None else authorization
        async with self.post("/v1/chat/completions", body, key) as response:
            return response.status, await response.text()

    async def control(self, name: str, body: Any) -> tuple[int, Any]:
        async with self.session.post(f"{self.endpoint.base_url}/control/{name}", json=body) as response:
            return response.status, await response.json()


def sse(text: str) -> list[Any]:
    """Parse server-sent events of `data:` lines alone; anything else is an error."""
    events: list[Any] = []
    assert text.endswith("\n\n")
    for block in text[:-2].split("\n\n"):
        assert block.startswith("data: "), block
        data = block.removeprefix("data: ")
        events.append(data if data == "[DONE]" else json.loads(data))
    return events
