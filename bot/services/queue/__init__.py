"""Waiting for a channel, for drawings and for slots."""
