"""Review: the queue, one submission, corrections, questions, back-checks, rules, locks, and how waves and interviewers do."""

from __future__ import annotations

from evalapp.web.review import answers, back_checks, locks, quality, questions, queue, rules, submission
from evalapp.web.review.place import blueprint

# Each of these puts its pages on the blueprint when it is imported.
PAGES = (queue, quality, rules, locks, questions, submission, answers, back_checks)

__all__ = ["PAGES", "blueprint"]
