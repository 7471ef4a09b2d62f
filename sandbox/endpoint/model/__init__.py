"""The small model behind the demo, in a process of its own."""
