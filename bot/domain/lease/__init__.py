"""The right to answer for a shard, which one process has at a time."""
