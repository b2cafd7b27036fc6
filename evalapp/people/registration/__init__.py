"""People who are not known yet: one by hand, or a list pasted from a spreadsheet."""
