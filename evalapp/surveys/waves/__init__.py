"""The waves of a programme: added, changed while nobody has been asked, prolonged."""
