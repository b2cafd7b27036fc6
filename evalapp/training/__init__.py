"""Cohorts, trainers, sessions and attendance."""
