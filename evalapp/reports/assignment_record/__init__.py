"""The record of an assignment as a PDF in both languages, and the check that one is genuine."""
