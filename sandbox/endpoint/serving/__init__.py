"""One request at the local endpoint: context, faults, record and wire."""
