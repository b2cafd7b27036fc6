"""The tables of a file read as answered forms: which column is what, and what each cell says."""
