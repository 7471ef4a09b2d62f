"""What was used, added up, and what counts against quotas."""
