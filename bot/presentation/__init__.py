"""Discord in and out: events to values, values to messages, words to languages."""
