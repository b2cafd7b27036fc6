"""Questions put to the panel: plans, runs and stored result rows."""
