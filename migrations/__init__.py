"""The database's schema, one revision a file in ``versions``; ``bot.storage.schema.migrate`` applies them."""
