"""The messages that the bot stores, and for how long."""
