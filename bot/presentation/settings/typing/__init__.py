"""The settings panel: what people type in commands."""
