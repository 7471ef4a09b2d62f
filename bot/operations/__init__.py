"""What an operator looks at: the health page and the doctor."""
