"""Spending quotas, and reporting what was used."""
