"""fusion-bot: talk and draw with a model in Discord."""

__version__ = "0.1.0"
