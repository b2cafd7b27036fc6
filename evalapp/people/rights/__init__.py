"""What people ask for themselves: to see their data, to have them mended, to stop their use, to be forgotten."""
