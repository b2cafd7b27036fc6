"""Cohorts as they are planned, and the trainers who teach them."""
