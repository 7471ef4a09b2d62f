"""What settings were called in earlier versions, where those names may still come from.

Exported files, the operator's environment, what people type, and components of panels that stand in Discord: all of
them read a name through ``today``, and nothing writes an old one. Databases get their names from a migration.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OLD_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mh_model_name": "drawing_model",
        "mh_output_size": "size",
        "mh_ddim_steps": "steps",
        "mh_scale": "scale",
        "mh_select_seed": "seed",
        "mh_add_prompt": "enhance",
        "mh_controlnet_model": "control",
    }
)
"""Today's name of a setting by the one that it had before. A name once used here is never given to another setting."""


def today(name: str) -> str:
    """Return what a setting is called now; any other name stays as it is."""
    return OLD_NAMES.get(name, name)
