"""The application for a web server and for the `flask` command."""

import sys

from config.settings import WrongSettings
from evalapp.app import create_app

try:
    app = create_app()
except WrongSettings as wrong:
    sys.exit(str(wrong))
