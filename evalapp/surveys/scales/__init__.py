"""Scales: scores of items that measure one thing, and how reliably they do."""
