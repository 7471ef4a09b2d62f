"""What requests may carry, checked by Discord's rules."""
