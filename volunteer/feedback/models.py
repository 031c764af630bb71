"""回访, 投诉, 表扬, 建议 as cases: who says what about what, who has it, by when it is answered, and its diary."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.feedback.lifecycle import CaseAction, CaseStatus, next_status
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.media.models import Photo
from volunteer.places.models import Site
from volunteer.teams.models import Team


class CaseKind(StrEnum):
    """What somebody wants to say."""

    FOLLOW_UP = "follow_up"  # 回访: the centre calls back about a low rating
    COMPLAINT = "complaint"
    PRAISE = "praise"
    SUGGESTION = "suggestion"


class CaseChannel(StrEnum):
    """How a case came in."""

    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    RATING = "rating"


class Case(Identified, Base):
    """One thing that somebody said about the service, until it is answered. Its words may name anybody: they are sealed.

    They are sealed for the person who spoke; when nobody gave a name, by a key of the case's own.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_status_due_at", "status", "due_at"),
        Index("ix_cases_desk_path_status", "desk_path", "status", postgresql_ops={"desk_path": "varchar_pattern_ops"}),
        Index("ix_cases_site_path_opened_at", "site_path", "opened_at", postgresql_ops={"site_path": "varchar_pattern_ops"}),
        Index("ix_cases_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of the token in the secret link
    secret_sealed: Mapped[bytes | None]
    code_sealed: Mapped[bytes | None]  # 6 digits that go with the number
    kind: Mapped[CaseKind]
    status: Mapped[CaseStatus] = mapped_column(default=CaseStatus.OPEN)
    version: Mapped[int] = mapped_column()
    channel: Mapped[CaseChannel]

    about: Mapped[str] = mapped_column(String(80), default="")  # "order:88", "team:3", "site:5"; "" for anything else
    label: Mapped[str] = mapped_column(String(80), default="")  # the order's number, for people
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    stars: Mapped[int | None]  # of the rating that is followed up

    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)  # who spoke; None: without a name
    wrapped_key: Mapped[bytes | None]  # of a case without a name
    written_by: Mapped[int | None]  # the clerk who wrote it down for a caller
    contact_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    words_sealed: Mapped[bytes | None]
    answer_sealed: Mapped[bytes | None]
    reply_sealed: Mapped[bytes | None]  # what the person said to the answer
    wants_answer: Mapped[bool] = mapped_column(default=True)
    quotable: Mapped[bool] = mapped_column(default=False)  # the volunteers may read the words of this praise

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # where it is about
    site_path: Mapped[str] = mapped_column(String(120))
    desk_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # whose turn it is to answer
    desk_path: Mapped[str] = mapped_column(String(120))
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)

    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # until when something is promised
    late: Mapped[bool] = mapped_column(default=False)  # a promise was missed once
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    content: Mapped[bool | None]  # what the person said of the answer; asked once
    passed_on_at: Mapped[datetime | None]  # praise reached the volunteers

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    holder_person: Mapped[Person | None] = relationship(foreign_keys=[taken_by])
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    desk: Mapped[Site] = relationship(foreign_keys=[desk_id])
    team: Mapped[Team | None] = relationship()
    events: Mapped[list[CaseEvent]] = relationship(back_populates="case", order_by="CaseEvent.id")
    asks: Mapped[list[TeamAsk]] = relationship(f"{__name__}.TeamAsk", back_populates="case", order_by=f"{__name__}.TeamAsk.id")
    photos: Mapped[list[CasePhoto]] = relationship(back_populates="case", order_by="CasePhoto.id")

    secret = Sealed("secret_sealed", "key_holder")
    code = Sealed("code_sealed", "key_holder")
    contact = Sealed("contact_sealed", "key_holder")
    phone = Sealed("phone_sealed", "key_holder")
    words = Sealed("words_sealed", "key_holder")
    answer = Sealed("answer_sealed", "key_holder")
    reply = Sealed("reply_sealed", "key_holder")

    __mapper_args__ = {"version_id_col": version}

    @property
    def key_holder(self) -> Person | Case:
        """Whose key seals the words: the person's who spoke, else the case's own."""
        return self if self.person is None else self.person

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody can read the words any more, because the person is forgotten."""
        return self.key_holder.wrapped_key is None

    def advance(self, action: CaseAction, by: Actor, at: datetime, note: str = "") -> None:
        """Move along the lifecycle and write down who did it. The only writer of status."""
        self.status = next_status(self.status, action)
        self.write_down(action.value, by, at, note)

    def write_down(self, what: str, by: Actor, at: datetime, note: str = "") -> None:
        """Add a line to the diary, which only those who handle the case read."""
        own = by.user_id is not None and by.user_id == self.person_id
        event = CaseEvent(what=what, status=self.status, actor_id=by.user_id, actor_name="" if own else by.name, at=at)
        self.events.append(event)  # in the session by now: what is sealed needs it
        if not self.is_forgotten:
            event.note = note


class CaseEvent(Identified, Base):
    """One line of a case's diary. Notes may name anybody: they are sealed like the words."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    what: Mapped[str] = mapped_column(String(32))
    status: Mapped[CaseStatus]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    note_sealed: Mapped[bytes | None]
    at: Mapped[datetime]

    case: Mapped[Case] = relationship(back_populates="events")

    note = Sealed("note_sealed", "key_holder")

    @property
    def key_holder(self) -> Person | Case:
        """Whose key seals the note."""
        return self.case.key_holder


class TeamAsk(Identified, Base):
    """A team is asked for its side: it sees ``shown``, as far as whoever handles the case allows, and never a phone."""

    __tablename__ = "case_asks"
    __table_args__ = (Index("ix_case_asks_team_id_answered_at", "team_id", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    shown_sealed: Mapped[bytes | None]
    answer_sealed: Mapped[bytes | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None]

    case: Mapped[Case] = relationship(back_populates="asks")
    team: Mapped[Team] = relationship()

    shown = Sealed("shown_sealed", "key_holder")
    answer = Sealed("answer_sealed", "key_holder")

    @property
    def key_holder(self) -> Person | Case:
        """Whose key seals what the team sees and says."""
        return self.case.key_holder


class CasePhoto(Base):
    """A photo that came with a case."""

    __tablename__ = "case_photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"), unique=True)

    case: Mapped[Case] = relationship(back_populates="photos")
    photo: Mapped[Photo] = relationship()
