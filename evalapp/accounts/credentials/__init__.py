"""What an account proves itself with: password, second factor, recovery codes, links."""
