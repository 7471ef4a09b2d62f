"""Commands, components and modals from their use by a person to the answer of the bot."""
