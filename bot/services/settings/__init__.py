"""Resolving, changing, exporting and importing settings."""
