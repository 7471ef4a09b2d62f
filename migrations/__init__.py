"""The database's schema, one revision a file in ``versions``; ``bot.storage.migrate`` applies them."""
