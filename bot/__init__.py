"""fusion-bot: talk and draw with a model in Discord."""
