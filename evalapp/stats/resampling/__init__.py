"""Inference by resampling, and corrections for many outcomes."""
