"""Survey batteries: components, reliability, and models of the scores."""
