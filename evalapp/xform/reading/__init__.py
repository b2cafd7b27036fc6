"""Workbooks and folders of sheets read into form models, without trusting them."""
