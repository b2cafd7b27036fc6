"""The application for a web server and for the `flask` command."""

from evalapp.app import create_app

app = create_app()
