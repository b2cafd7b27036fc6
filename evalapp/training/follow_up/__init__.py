"""Follow-up of a roster over waves: who is due when, who has answered, who is reminded."""
