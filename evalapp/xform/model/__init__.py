"""A compiled form as our own immutable facts: read from its XForm, stored as JSON."""
