"""Asking for a picture: the wish, the plan, the recipe and the form."""
