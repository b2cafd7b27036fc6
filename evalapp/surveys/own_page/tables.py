"""Who may open their own page."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class OwnPageAccess(Base):
    """The door to one person's own page: the code that was sent last, wrong tries, and the browser that holds it now."""

    __tablename__ = "own_page_accesses"

    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), unique=True)
    code_index: Mapped[str | None] = mapped_column(String(64))
    code_expires_at: Mapped[dt.datetime | None]
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    holder: Mapped[str | None] = mapped_column(String(32))
