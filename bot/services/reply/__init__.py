"""What happens to a reply later: buttons and restarts."""
