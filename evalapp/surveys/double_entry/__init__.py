"""Paper forms typed twice, blind to each other, compared field by field, and decided by a third person."""
