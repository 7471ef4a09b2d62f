"""The model endpoints: bytes in, events out."""
