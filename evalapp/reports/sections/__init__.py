"""What a report can say, one module a subject: each turns a run's rows into a section, or into None where the rows are absent."""
