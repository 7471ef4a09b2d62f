"""Use cases: what happens between an event and its reply, in terms of the ports alone."""
