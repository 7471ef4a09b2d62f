"""What the doctor checks without asking the model."""
