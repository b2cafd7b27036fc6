"""Devices of interviewers: a name and a password each, for a while."""
