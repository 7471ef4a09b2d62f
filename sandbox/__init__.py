"""A local Discord, local model endpoints and a chat page, so that the bot runs without any account."""
