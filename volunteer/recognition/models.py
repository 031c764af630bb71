"""星级: what each volunteer's hours add up to, who is eligible, and the awards that people made.

Hours make somebody eligible; the award is an act of a body, on a day, after a public notice. Nothing is deleted: an
award that was wrong is revoked with its reason, and a proposal that no longer holds lapses.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.ledger.models import Grade
from volunteer.places.models import Site
from volunteer.recognition.lifecycle import PROPOSALS, EligibilityAction, EligibilityState
from volunteer.teams.models import Volunteer


class StarStanding(Base):
    """What the nightly review found for one volunteer: the minutes that count for stars, and what they reach."""

    __tablename__ = "star_standings"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, autoincrement=False)
    minutes: Mapped[int]
    stars: Mapped[int]
    counted_at: Mapped[datetime]  # when these two last changed
    named_since: Mapped[datetime | None]  # "you may name me in public notices"; None: not, or not any more

    volunteer: Mapped[Volunteer] = relationship()


class StarReview(Base):
    """One night's review, as far as it has come: a batch begins after ``after_id``."""

    __tablename__ = "star_reviews"

    day: Mapped[date] = mapped_column(primary_key=True)
    after_id: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


class Eligibility(Base):
    """符合条件: a volunteer's hours reach a star that nobody has awarded yet. One row for each person and star."""

    __tablename__ = "star_eligibilities"
    __table_args__ = (
        Index("uq_star_eligibilities_volunteer_id_stars", "volunteer_id", "stars", unique=True),
        Index("ix_star_eligibilities_state_found_at", "state", "found_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    stars: Mapped[int]
    minutes: Mapped[int]  # when it was found
    policy_version: Mapped[str] = mapped_column(String(40))
    state: Mapped[EligibilityState] = mapped_column(default=EligibilityState.PROPOSED)
    found_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200), default="")  # why it was put aside

    volunteer: Mapped[Volunteer] = relationship()

    def advance(self, action: EligibilityAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = PROPOSALS.next(self.state, action)


class AwardState(StrEnum):
    """Where an award stands."""

    NOTICE = "notice"  # announced; anybody may object
    DOUBTED = "doubted"  # somebody has objected, or the hours fell: a person decides
    STANDS = "stands"
    REVOKED = "revoked"


class StarAward(Base):
    """授星: ``stars`` given to a volunteer by a body on a day. It counts once the notice is over and nobody doubts it."""

    __tablename__ = "star_awards"
    __table_args__ = (
        Index(
            "uq_star_awards_volunteer_id_stars_held",
            "volunteer_id",
            "stars",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_star_awards_volunteer_id_decided_at", "volunteer_id", "decided_at"),
        Index("ix_star_awards_site_path_notice_until", "site_path", "notice_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    stars: Mapped[int]
    minutes: Mapped[int]  # that counted when it was decided
    needed: Mapped[int]  # the threshold of that day
    evidence: Mapped[Grade]  # the weakest grade that counted
    policy_version: Mapped[str] = mapped_column(String(40))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # 授予单位: the body
    site_path: Mapped[str] = mapped_column(String(120))
    decided_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    notice_from: Mapped[date]  # local days, both included
    notice_until: Mapped[date]
    public: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # the volunteer agrees to be named; follows their wish
    stands_at: Mapped[datetime | None]  # when the notice had passed without a doubt
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None]
    revoked_reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column()

    volunteer: Mapped[Volunteer] = relationship()
    site: Mapped[Site] = relationship()
    doubts: Mapped[list[StarDoubt]] = relationship(back_populates="award", order_by="StarDoubt.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def state(self) -> AwardState:
        """Where it stands; revoked weighs most, then an open doubt."""
        if self.revoked_at is not None:
            return AwardState.REVOKED
        if any(doubt.is_open for doubt in self.doubts):
            return AwardState.DOUBTED
        return AwardState.NOTICE if self.stands_at is None else AwardState.STANDS


class DoubtKind(StrEnum):
    """Why somebody is to look at an award again."""

    OBJECTION = "objection"  # somebody objected; staff wrote it down
    HOURS = "hours"  # hours were taken back, and what is left no longer reaches the star


class StarDoubt(Identified, Base):
    """异议: a reason to look at an award again, and what was decided. What was said is sealed with the volunteer's key."""

    __tablename__ = "star_doubts"
    __table_args__ = (
        Index(
            "uq_star_doubts_award_id_kind_open",
            "award_id",
            "kind",
            unique=True,
            sqlite_where=text("settled_at IS NULL AND kind = 'hours'"),
            postgresql_where=text("settled_at IS NULL AND kind = 'hours'"),
        ),
        Index("ix_star_doubts_settled_at", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("star_awards.id"), index=True)
    kind: Mapped[DoubtKind]
    minutes: Mapped[int | None]  # that still counted, when hours fell
    said_sealed: Mapped[bytes | None]
    raised_at: Mapped[datetime]
    raised_by: Mapped[int | None]  # None: the nightly review
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None]
    upheld: Mapped[bool | None]  # True: the award was revoked
    answer: Mapped[str] = mapped_column(String(200), default="")

    award: Mapped[StarAward] = relationship(back_populates="doubts")

    said = Sealed("said_sealed", "person")

    @property
    def person(self) -> Person:
        """Whose key seals what was said about them."""
        return self.award.volunteer.person

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.settled_at is None
