"""Imports of sheets, and what each of their rows made or changed: so that an import can be undone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.exchange.lifecycle import IMPORTS, ImportAction, State
from volunteer.kernel.db import Base, Identified
from volunteer.places.models import Site


class What(StrEnum):
    """What a row does."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class Import(Identified, Base):
    """One upload of one sheet. The file and what was read of it are sealed, and dropped when they are needed no more."""

    __tablename__ = "sheet_imports"
    __table_args__ = (Index("ix_sheet_imports_state_uploaded_at", "state", "uploaded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))  # the maker's highest place; none before there is one
    state: Mapped[State]
    file_name: Mapped[str] = mapped_column(String(120))
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    uploaded_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]
    news: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)
    sames: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")  # of what the preview said
    file_sealed: Mapped[bytes | None]
    report_sealed: Mapped[bytes | None]

    maker: Mapped[Person] = relationship()
    site: Mapped[Site | None] = relationship()

    def advance(self, action: ImportAction) -> None:
        """Move along the lifecycle. The only writer of state, but for the job that drops many at once."""
        self.state = IMPORTS.next(self.state, action)

    @property
    def site_path(self) -> str:
        """The path of the place under which it was made."""
        return self.site.path if self.site else "/"


class ImportRow(Base):
    """What one row of an import made or changed: "site:12", with the values of its columns before and after."""

    __tablename__ = "sheet_import_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("sheet_imports.id"), index=True)
    row: Mapped[int]
    what: Mapped[What]
    thing: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(120), default="")
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
