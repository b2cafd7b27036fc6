"""Instruments, waves, submissions and answers."""
