"""The endpoints: fusion and chat completions."""
