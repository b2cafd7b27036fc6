"""Firms over time: opened, registered, closed, opened again, and which one is current."""
