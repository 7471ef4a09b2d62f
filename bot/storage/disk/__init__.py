"""What the bot keeps in files of its own, and who may read them."""
