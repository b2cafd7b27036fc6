"""Who came: marked in one tap, also without a line."""
