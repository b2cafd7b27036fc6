"""What becomes of a person's record: merged with its duplicate, or erased."""
