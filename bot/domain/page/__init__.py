"""Cutting text into Discord messages."""
