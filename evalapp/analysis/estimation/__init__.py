"""What a run works out, section by section, written row by row on one sheet."""
