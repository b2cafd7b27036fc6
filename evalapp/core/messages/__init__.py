"""Messages to people outside: by e-mail, by text message, or into a folder where nobody is to be written to."""
