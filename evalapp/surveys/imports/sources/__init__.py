"""Files of answers as other tools write them, opened as tables of text."""
