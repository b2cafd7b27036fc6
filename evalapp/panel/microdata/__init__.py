"""Microdata without identities: what happens to each variable, how well people are hidden, and the files that leave."""
