"""The answers of a wave as files that other tools open, without names: study IDs and answers."""
