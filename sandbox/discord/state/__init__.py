"""What the world remembers: its people, places, messages, files and interactions."""
