"""The frame around every answer."""
