"""Messages that are taken away again, in the database."""
