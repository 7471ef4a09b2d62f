"""Taking, keeping and giving back the lease of this process's shards."""
