"""Entrepreneur by wave, built from approved submissions and frozen."""
