"""Fetching, checking and spooling pictures."""
