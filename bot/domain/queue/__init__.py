"""Who is served next: fair, bounded queues. No tasks, no clock."""
