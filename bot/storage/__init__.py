"""The database behind the store ports."""
