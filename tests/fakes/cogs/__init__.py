"""A package of cogs for tests: one that does nothing."""
