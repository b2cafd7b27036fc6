"""XPath 1.0 with ODK's functions: text in, functions of the filled-in form out."""
