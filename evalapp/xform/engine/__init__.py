"""Forms being filled in: values, conditions, choices, messages, submissions."""
