"""The settings panel: what a press does."""
