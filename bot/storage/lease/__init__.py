"""Leases in the database, and the check of them in other writes."""
