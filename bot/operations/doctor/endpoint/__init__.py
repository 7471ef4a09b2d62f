"""What the doctor checks at the endpoint."""
