"""The limits that Discord's documentation states, under the names used there."""

from __future__ import annotations

from typing import Final

CONTENT_CHARS: Final = 2_000
EMBEDS: Final = 10
EMBED_TOTAL_CHARS: Final = 6_000
COMPONENT_ROWS: Final = 5
V2_COMPONENTS: Final = 40
V2_TEXT_CHARS: Final = 4_000
NONCE_CHARS: Final = 25
NONCE_S: Final = 300.0
"""How long an enforced nonce is remembered: Discord says "in the past few minutes"."""
FILES: Final = 10
REQUEST_BYTES: Final = 25 * 1024 * 1024
FILE_BYTES: Final = {0: 10 * 1024**2, 1: 10 * 1024**2, 2: 50 * 1024**2, 3: 100 * 1024**2}
"""The largest file by the guild's premium tier."""
ALT_TEXT_CHARS: Final = 1_024
REACTIONS: Final = 20
PINS: Final = 50
BULK_DELETE: Final = (2, 100)
BULK_DELETE_AGE_S: Final = 14 * 86_400.0
COMMANDS: Final = 100
CONTEXT_COMMANDS: Final = 15
INTERACTION_DEADLINE_S: Final = 3.0
INTERACTION_TOKEN_S: Final = 900.0
USER_INSTALL_FOLLOWUPS: Final = 5
CHOICES: Final = 25
ATTACHMENT_URL_S: Final = 86_400.0
"""How long a signed attachment address is good for."""

# The sandbox's own bounds, so that a long session keeps to a known amount of memory.
MESSAGES_A_CHANNEL: Final = 5_000
EPHEMERALS_A_CHANNEL: Final = 500
INTERACTIONS_KEPT: Final = 2_000
CDN_BYTES: Final = 256 * 1024**2
THREADS_A_GUILD: Final = 1_000
"""Discord's own bound on active threads."""
