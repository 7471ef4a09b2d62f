"""Following edits and deletions, and forgetting what is old."""
