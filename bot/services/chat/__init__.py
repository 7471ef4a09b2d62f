"""Answering a question in words."""
