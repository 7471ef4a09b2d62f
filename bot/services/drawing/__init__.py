"""Answering a wish with pictures."""
