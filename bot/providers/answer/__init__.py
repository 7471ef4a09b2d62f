"""From decoded objects to model events."""
