"""A programme in the field."""

from __future__ import annotations

import pytest

from tests.surveys.openrosa.field import Field


@pytest.fixture
def field(db, programme):
    return Field(db, programme)
