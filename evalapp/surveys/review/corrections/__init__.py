"""Answers corrected beside the ones that were given: proposed by one person, approved by another, applied in order."""
