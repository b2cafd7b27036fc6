"""Randomised designs: balance, power, ANCOVA, instruments, ratios, and the assignment itself."""
