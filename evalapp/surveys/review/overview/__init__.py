"""What reviewers see of many submissions at once: the queue, and how waves and interviewers do."""
