"""Stored results turned into a document."""
