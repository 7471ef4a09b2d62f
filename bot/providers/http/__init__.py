"""The connection to an endpoint."""
