"""The settings panel: what it looks like."""
