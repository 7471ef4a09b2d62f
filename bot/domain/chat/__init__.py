"""How history becomes a prompt."""
