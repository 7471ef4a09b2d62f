"""What the bot asks a model, and the events of its answer."""
