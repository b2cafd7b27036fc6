"""How far the conclusion survives when trends would not have been parallel."""
