"""Programmes, entrepreneurs, their enterprises and their consent."""
