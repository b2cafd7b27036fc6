"""Regressions with unit and period effects, what they average, and event studies."""
