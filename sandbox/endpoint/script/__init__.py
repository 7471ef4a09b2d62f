"""Scripted replies for tests, and their replay."""
