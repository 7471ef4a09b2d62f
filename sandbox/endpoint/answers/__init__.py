"""Who answers, and at what pace."""
