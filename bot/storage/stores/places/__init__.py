"""Channels and servers as places: those that are gone, and how far those that are there were compared."""
