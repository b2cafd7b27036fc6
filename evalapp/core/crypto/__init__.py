"""Keys that live outside the database, and the sealing of single fields with them."""
