"""Sealed fields of identity. Nothing here is readable without the key ring, which no database and no backup holds."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base, unique_where

PERSON_FIELDS = ("name", "phone", "email", "address", "birth_date")
ENTERPRISE_FIELDS = ("enterprise_name", "registration_number")


class IdentityField(Base):
    """One field of one person, or of one enterprise of theirs. `blind_index` finds equal values without opening any."""

    __tablename__ = "identity_fields"
    __table_args__ = (
        unique_where("uq_identity_fields_person", "entrepreneur_id", "field", condition="enterprise_id is null"),
        unique_where("uq_identity_fields_enterprise", "enterprise_id", "field", condition="enterprise_id is not null"),
        Index("ix_identity_fields_blind_index", "field", "blind_index"),
    )

    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(24))
    sealed: Mapped[str]
    blind_index: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[dt.datetime]
