"""Forms as devices fetch them."""
