"""Who is asked in a wave and when, the secret links, the messages that carry them, and what came of it."""
