"""Discord out: requests, their routes and their faults."""
