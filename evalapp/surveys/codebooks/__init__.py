"""Codebooks: what each variable of a form means, as files."""
