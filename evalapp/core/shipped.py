"""Where the files are that come with the program: survey forms, programme templates, the demonstration programmes."""

from pathlib import Path

_CONFIG = Path(__file__).parent.parent.parent / "config"
INSTRUMENTS = _CONFIG / "instruments"
TEMPLATES = _CONFIG / "templates"
PROGRAMMES = _CONFIG / "programmes"
