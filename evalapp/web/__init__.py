"""The browser's edge: translate a request, call a verb, answer."""
