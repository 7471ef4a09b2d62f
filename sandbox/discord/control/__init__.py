"""Steering the local Discord over HTTP."""
