"""An officer of the programme whose people the pages show."""

from __future__ import annotations

import pytest


@pytest.fixture
def officer(site):
    """A browser of an officer of `pi`, who is its first member."""
    return site.client("program_officer", programmes=("pi",))
