"""A respondent's own page: who is let in, and what it shows of surveys."""
