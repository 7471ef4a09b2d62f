"""Discord in: from events to what a person asked."""
