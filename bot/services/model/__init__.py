"""Asking the model and collecting what it gives."""
