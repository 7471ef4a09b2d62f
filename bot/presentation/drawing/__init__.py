"""Forms and recipes of drawings."""
