"""A partner outside, what was agreed with it, who is linked to it, and every transfer, call and difference between us."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.places.models import Site
from volunteer.rewards.partners import lifecycle
from volunteer.rewards.partners.lifecycle import Action, LinkAction, LinkState, Sender, Status
from volunteer.rewards.partners.rules import Difference, Limits


class Partner(Identified, Base):
    """A platform that counts points of its own: a star households platform, a bank."""

    __tablename__ = "partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)  # the centre that agreed with it
    code: Mapped[str] = mapped_column(String(30), unique=True)  # in the address of our interface
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(90), default="")
    unit: Mapped[str] = mapped_column(String(20), default="")  # what its points are called
    address: Mapped[str] = mapped_column(String(300), default="")  # where our calls go
    gives: Mapped[bool] = mapped_column(default=True)  # points may go out to it
    takes: Mapped[bool] = mapped_column(default=True)  # points may come in from it
    person_daily: Mapped[int]
    total_daily: Mapped[int]
    active: Mapped[bool] = mapped_column(default=False)
    refused_at: Mapped[datetime | None]  # it answered 410: nothing is sent until a person resumes it
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]

    site: Mapped[Site] = relationship()

    @property
    def limits(self) -> Limits:
        """What may move in a day."""
        return Limits(self.person_daily, self.total_daily)


class PartnerRate(Base):
    """So many of ours for so many of theirs, from a day on. Never changed: the next one follows."""

    __tablename__ = "partner_rates"
    __table_args__ = (CheckConstraint("ours > 0 AND theirs > 0", "both_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    ours: Mapped[int]
    theirs: Mapped[int]
    valid_from: Mapped[date]
    made_by: Mapped[int | None]
    approved_by: Mapped[int | None]
    made_at: Mapped[datetime]


class PartnerSecret(Identified, Base):
    """One secret that both sides know. While it is changed, two are valid."""

    __tablename__ = "partner_secrets"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    begins: Mapped[datetime]
    ends: Mapped[datetime | None]


class ChangeKind(StrEnum):
    """What no person changes alone."""

    RATE = "rate"
    SECRET = "secret"  # noqa: S105 - its name, not one
    TERMS = "terms"  # address, limits, directions


class PartnerChange(Base):
    """A change that somebody proposed and a second person decides about."""

    __tablename__ = "partner_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    kind: Mapped[ChangeKind]
    proposal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]

    partner: Mapped[Partner] = relationship()


class PartnerAccount(Identified, Base):
    """Somebody's account over there, linked with their consent and verified by the partner."""

    __tablename__ = "partner_accounts"
    __table_args__ = (
        Index("uq_partner_accounts_taken", "partner_id", "taken", unique=True),
        Index("ix_partner_accounts_person_id", "person_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    account_sealed: Mapped[bytes | None]
    taken: Mapped[str | None] = mapped_column(String(40))  # blind index once confirmed there; nobody else may link it
    mask: Mapped[str] = mapped_column(String(12))
    state: Mapped[LinkState] = mapped_column(default=LinkState.ASKED)
    agreed_at: Mapped[datetime]
    notice: Mapped[str] = mapped_column(String(20), default="exchange-1")  # version of what was agreed to
    verified_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
    person: Mapped[Person] = relationship()
    account = Sealed("account_sealed", "person")

    def advance(self, action: LinkAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = lifecycle.LINKS.next(self.state, action)


class Exchange(Identified, Base):
    """One transfer of points between a person's two accounts. The points lie on ``exchange:<id>`` while it is open."""

    __tablename__ = "exchanges"
    __table_args__ = (
        Index("uq_exchanges_partner_id_sender_wire", "partner_id", "sender", "wire", unique=True),
        Index("ix_exchanges_status_expires_at", "status", "expires_at"),
        Index("ix_exchanges_partner_id_day", "partner_id", "day"),
        Index("ix_exchanges_person_id_day", "person_id", "day"),
        CheckConstraint("ours > 0 AND theirs > 0", "both_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    link_id: Mapped[int] = mapped_column(ForeignKey("partner_accounts.id"))
    sender: Mapped[Sender]
    wire: Mapped[str] = mapped_column(String(64))  # the sender's id for it
    ours: Mapped[int]
    theirs: Mapped[int]
    rate_id: Mapped[int] = mapped_column(ForeignKey("partner_rates.id"))
    status: Mapped[Status]
    day: Mapped[date]  # the sender's local day, on which both sides list it
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column()

    partner: Mapped[Partner] = relationship()
    person: Mapped[Person] = relationship()
    link: Mapped[PartnerAccount] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: Action, at: datetime, note: str = "") -> None:
        """Move along the lifecycle. The only writer of status."""
        self.status = lifecycle.TRANSFERS[self.sender].next(self.status, action)
        self.note = note[:200] or self.note
        if self.status not in lifecycle.OPEN:
            self.ended_at = at


class CallKind(StrEnum):
    """What one side asks of the other."""

    VERIFY = "account.verify"
    VERIFIED = "account.verified"
    UNLINK = "account.unlink"
    RESERVE = "transfer.reserve"
    CONFIRM = "transfer.confirm"
    CANCEL = "transfer.cancel"
    STATE = "transfer.state"
    DAY = "transfers.day"


class PartnerCall(Identified, Base):
    """One call of ours that waits, was answered, or was given up. ``uid`` is its webhook-id, the same in every try."""

    __tablename__ = "partner_calls"
    __table_args__ = (Index("ix_partner_calls_due_at", "due_at"), Index("ix_partner_calls_exchange_id", "exchange_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    kind: Mapped[CallKind]
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchanges.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("partner_accounts.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)  # no account numbers: they are put in when it is sent
    made_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # None: nothing left to do
    attempts: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # given up
    code: Mapped[int | None]  # of the last answer, as HTTP counts
    error: Mapped[str] = mapped_column(String(80), default="")


class PartnerSeen(Base):
    """A signature that was accepted once: whoever plays the same message again is refused."""

    __tablename__ = "partner_seen"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class PartnerAnswer(Base):
    """What a call that changed something was answered: the same id with the same body gets it again."""

    __tablename__ = "partner_answers"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    call: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    code: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


class PartnerDifference(Base):
    """Something that two books say differently, for a person to look into."""

    __tablename__ = "partner_differences"
    __table_args__ = (Index("uq_partner_differences_once", "partner_id", "sender", "wire", "kind", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    sender: Mapped[str] = mapped_column(String(10))
    wire: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Difference]
    day: Mapped[date]
    here: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what our book says, and theirs
    there: Mapped[dict[str, Any]] = mapped_column(default=dict)
    found_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200), default="")

    partner: Mapped[Partner] = relationship()
