"""The application for a web server and for the `flask` command."""

import sys

from config.settings import WrongSettings
from evalapp.app import create_app
from evalapp.core.crypto.key_ring import UnusableKeyRing

try:
    app = create_app()
except (WrongSettings, UnusableKeyRing) as wrong:
    sys.exit(str(wrong))
