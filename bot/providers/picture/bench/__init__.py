"""Where a picture is looked at: a process of its own, which imports little and may do little."""
