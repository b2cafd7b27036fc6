"""The modules of a programme and what each is planned to bring."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

PRINCIPLES = ("self_starting", "future_thinking", "overcoming_barriers", "none")
ITEM_KINDS = ("content", "exercise", "homework")


class Module(Base):
    """A part of a curriculum: one or more sessions on one subject. Sessions name it by its code; one in use is retired, never deleted."""

    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("programme_id", "code"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    name_ko: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    principle: Mapped[str] = mapped_column(String(20))
    planned_minutes: Mapped[int]
    materials_version: Mapped[str] = mapped_column(String(40), default="", server_default="")
    is_active: Mapped[bool] = mapped_column(default=True, server_default="1")


class ModuleItem(Base):
    """One thing a module should bring, as the checklist of its sessions asks for it. One that was used is retired, never deleted."""

    __tablename__ = "module_items"
    __table_args__ = (UniqueConstraint("module_id", "code"),)

    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    text_ko: Mapped[str] = mapped_column(String(300))
    text_en: Mapped[str] = mapped_column(String(300))
    is_active: Mapped[bool] = mapped_column(default=True, server_default="1")
