"""A reply's messages, as they are wanted and as they stand."""
