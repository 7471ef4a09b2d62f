"""What every request passes: log, rate limits, faults."""
