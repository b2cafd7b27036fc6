"""Interviews: whose turn it is, and what came of calling them."""
