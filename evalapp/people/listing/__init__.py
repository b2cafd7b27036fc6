"""The people of a programme as a list: narrowed, sorted, page by page; and lists that someone keeps under a name."""
