"""What happens to a question before it is answered."""
