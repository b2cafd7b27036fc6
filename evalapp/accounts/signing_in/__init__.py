"""Coming in: the password, the second factor, and the limits on guessing either."""
