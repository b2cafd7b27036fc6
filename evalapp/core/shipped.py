"""Where the files are that come with the program: survey forms, standard questions, programme templates, the demonstration programmes."""

from pathlib import Path

_CONFIG = Path(__file__).parent.parent.parent / "config"
INSTRUMENTS = _CONFIG / "instruments"
LIBRARY = _CONFIG / "library"
TEMPLATES = _CONFIG / "templates"
PROGRAMMES = _CONFIG / "programmes"
QUALITY_RULES = _CONFIG / "quality_rules.csv"
BACK_CHECKS = _CONFIG / "back_checks.csv"
