"""Training: cohorts, curricula, assignment, sessions, attendance, fidelity."""
