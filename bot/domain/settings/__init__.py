"""The catalogue of settings, their layers and their rules."""
