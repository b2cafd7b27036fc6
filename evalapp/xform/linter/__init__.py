"""What the form compiler lets through and a respondent would stumble over."""
