"""Backups: every table in one encrypted file that restores into either kind of database."""
