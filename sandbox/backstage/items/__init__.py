"""How requests and events read in the panel."""
