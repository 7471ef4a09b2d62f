"""The world's objects as Discord shows them."""
