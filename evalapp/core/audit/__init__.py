"""What was done, by whom, when and why: append-only, each entry sealed to the one before it."""
