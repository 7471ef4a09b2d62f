"""Replies that grow."""
