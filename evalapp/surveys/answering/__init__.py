"""Answering: one screen at a time, kept as a draft on the server until it is handed in."""
