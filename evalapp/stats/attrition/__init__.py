"""Who answered, and what non-response can do to an effect."""
