"""Discord in: from events to what a user asked."""
