"""Attempts to reach people, and how they left."""
