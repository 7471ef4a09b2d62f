"""From bytes to decoded objects."""
