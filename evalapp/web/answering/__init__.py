"""Answering a survey: by a respondent with a secret link, or by an interviewer on somebody's behalf."""
