"""Freeze a panel: its rows as canonical CSV, kept compressed beside their SHA-256, never changed again."""

from __future__ import annotations

import io
import json
import zlib

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.core.language import Message
from evalapp.panel.build_panel import KEYS, Panel
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.tables import Programme

TEXT_COLUMNS = ("study_id", "wave", "arm", "cohort", "state")


def freeze_panel(db: Session, programme: Programme, panel: Panel) -> PanelSnapshot:
    """Store a panel as it stands and return the snapshot; the same rows again return the snapshot they already have."""
    if panel.frame.duplicated(["study_id", "round"]).any():
        raise AppError(Message("A person stands twice in one wave of the panel; nothing was frozen."))
    content = panel.frame.to_csv(index=False, lineterminator="\n").encode()
    fingerprint = sha256_of(content + canonical_json(dict(panel.flow)).encode())
    known = db.scalar(select(PanelSnapshot).where(PanelSnapshot.programme_id == programme.id, PanelSnapshot.sha256 == fingerprint))
    if known is not None:
        return known
    snapshot = PanelSnapshot(
        programme_id=programme.id,
        sha256=fingerprint,
        content=zlib.compress(content, level=6),
        flow=canonical_json(dict(panel.flow)),
        rows=len(panel.frame),
        people=panel.frame["study_id"].nunique(),
        frozen_at=now(),
    )
    db.add(snapshot)
    db.flush()
    return snapshot


def thaw_panel(snapshot: PanelSnapshot) -> Panel:
    """Return the panel of a snapshot; refuses one whose bytes no longer match their SHA-256."""
    content = zlib.decompress(snapshot.content)
    if sha256_of(content + snapshot.flow.encode()) != snapshot.sha256:
        raise AppError(
            Message(
                "Snapshot %(snapshot)s does not match its fingerprint: it was changed after it was frozen.", snapshot=snapshot.id
            )
        )
    types = {name: "object" if name in TEXT_COLUMNS else "int64" for name in KEYS if name not in ("attended_share", "completed")}
    frame = pd.read_csv(io.BytesIO(content), dtype=types, keep_default_na=False, na_values=[""])
    return Panel(frame=frame, flow=json.loads(snapshot.flow))
