"""How people come into the training, through it and out of it."""
