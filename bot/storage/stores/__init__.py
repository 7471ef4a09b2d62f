"""One file for each port."""
