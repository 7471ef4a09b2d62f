"""Quotas, and what was used."""
