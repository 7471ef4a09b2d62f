"""What changes the world and tells its listeners: messages, threads, channels, members and rights."""
