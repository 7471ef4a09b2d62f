"""Keeping pictures on disk."""
