"""The bot as a supervised child process: started, restarted with back-off, stopped, and gone with its parent."""
