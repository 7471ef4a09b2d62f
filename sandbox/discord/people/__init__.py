"""The people's side: what a person in Discord sees and does."""
