"""The contracts that the local endpoint serves."""
