"""Rules of quality: read from files, translated from REDCap, and the checks that are built in."""
