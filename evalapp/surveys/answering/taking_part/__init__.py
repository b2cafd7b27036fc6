"""Whether somebody takes part: their consent to be surveyed, and their no."""
