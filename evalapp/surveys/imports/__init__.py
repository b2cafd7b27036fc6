"""Answers collected with other tools: KoboToolbox, ODK Central, SurveyCTO, CSV, Stata, SPSS."""
