"""Whether the training was what was planned, and what trainers saw of people."""
