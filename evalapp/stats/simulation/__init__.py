"""Programmes with a known effect."""
