"""One question and its life, from admission to its record."""
