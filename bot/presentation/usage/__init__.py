"""What `/usage` shows."""
