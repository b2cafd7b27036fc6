"""Every sealed column there is, for a rotation of keys: those of training and before, and the releases of microdata."""

from __future__ import annotations

from sqlalchemy import select

from evalapp.core.key_rotation.reseal import SealedColumn
from evalapp.panel.microdata.queries import release_context
from evalapp.panel.microdata.tables import MicrodataRelease
from evalapp.training.sealed_columns import SEALED_COLUMNS as SEALED_OF_TRAINING

SEALED_COLUMNS = (
    *SEALED_OF_TRAINING,
    SealedColumn(
        MicrodataRelease.content_sealed,
        select(MicrodataRelease.id, MicrodataRelease.content_sealed, MicrodataRelease.sha256),
        release_context,
    ),
)
