"""The pictures that the local endpoint draws."""
