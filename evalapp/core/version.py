"""The program's own version, printed in every report."""

VERSION = "0.1.0"
