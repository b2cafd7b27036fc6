"""Review: flags, decisions, questions back, corrections that leave the raw answer alone, and the lock of a wave."""
