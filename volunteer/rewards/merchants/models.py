"""文明商户, their gifts, and each gift that somebody reserved: who, for how many points, until when, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.accounts.models_entering import Invitation
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.media.models import Photo
from volunteer.places.models import Site
from volunteer.rewards.merchants import lifecycle
from volunteer.rewards.merchants.lifecycle import (
    MerchantAction,
    MerchantStatus,
    RedemptionAction,
    RedemptionStatus,
    RefundAction,
    RefundStatus,
)


class Merchant(Identified, Base):
    """A shop that gives something for points. Who answers for it and the phone are sealed with a key of its own."""

    __tablename__ = "merchants"
    __table_args__ = (
        Index("ix_merchants_status_site_path", "status", "site_path", postgresql_ops={"site_path": "varchar_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    licence: Mapped[str] = mapped_column(String(40), default="")  # 统一社会信用代码, where there is one
    address: Mapped[str] = mapped_column(String(160))
    words: Mapped[str] = mapped_column(String(400), default="")  # what the shop would like to give
    wrapped_key: Mapped[bytes | None]
    contact_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)  # the site it is paired with
    site_path: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float]  # WGS-84; the site's until somebody says better
    longitude: Mapped[float]
    opens: Mapped[int] = mapped_column(default=480)  # minutes after midnight, local
    closes: Mapped[int] = mapped_column(default=1200)
    closed_days: Mapped[list[str]] = mapped_column(default=list)  # "0" Monday … "6" Sunday
    status: Mapped[MerchantStatus] = mapped_column(default=MerchantStatus.APPLIED)
    version: Mapped[int] = mapped_column()
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")  # why it was refused or suspended

    site: Mapped[Site] = relationship()
    staff: Mapped[list[MerchantStaff]] = relationship(back_populates="merchant", order_by="MerchantStaff.id")
    contact = Sealed("contact_sealed")
    phone = Sealed("phone_sealed")

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: MerchantAction) -> None:
        """Move along the lifecycle. The only writer of status."""
        self.status = lifecycle.MERCHANTS.next(self.status, action)


class MerchantStaff(Base):
    """Somebody at a merchant's till: known by person, or by the invitation that will make them known."""

    __tablename__ = "merchant_staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchants.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id"), unique=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    merchant: Mapped[Merchant] = relationship(back_populates="staff")
    person: Mapped[Person | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()


class Gift(Base):
    """What a merchant gives for points. The merchant proposes a price; it is shown once the site has set one."""

    __tablename__ = "gifts"
    __table_args__ = (
        CheckConstraint("stock >= 0", "stock_not_below_zero"),
        CheckConstraint("points IS NULL OR points > 0", "points_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchants.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(90), default="")
    words: Mapped[str] = mapped_column(String(300), default="")
    words_en: Mapped[str] = mapped_column(String(400), default="")
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photos.id"), index=True)
    asked: Mapped[int]  # the points that the merchant proposes
    points: Mapped[int | None]  # the points that the site set; None: not yet in the shop
    stock: Mapped[int] = mapped_column(default=0)  # how many may still be reserved
    per_person: Mapped[int] = mapped_column(default=0)  # of one person in a calendar month; 0: no limit
    per_month: Mapped[int] = mapped_column(default=0)  # of everybody together in a calendar month; 0: no limit
    hold_hours: Mapped[int] = mapped_column(default=0)  # how long it is kept; 0: as the policy says
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()
    priced_by: Mapped[int | None]
    priced_at: Mapped[datetime | None]
    made_at: Mapped[datetime]

    merchant: Mapped[Merchant] = relationship()
    photo: Mapped[Photo | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Redemption(Identified, Base):
    """One gift kept for one person until it is fetched. The points lie on the account ``redemption:<id>`` meanwhile.

    ``token`` is the unguessable address of its page. The eight digits are sealed for the person and found by a keyed
    hash; the QR carries ``nonce``, of which only a keyed hash is kept, too.
    """

    __tablename__ = "redemptions"
    __table_args__ = (
        Index("ix_redemptions_gift_id_reserved_at", "gift_id", "reserved_at"),
        Index("ix_redemptions_person_id_reserved_at", "person_id", "reserved_at"),
        Index("ix_redemptions_merchant_id_collected_at", "merchant_id", "collected_at"),
        Index("ix_redemptions_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    gift_id: Mapped[int] = mapped_column(ForeignKey("gifts.id"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchants.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    points: Mapped[int]
    status: Mapped[RedemptionStatus] = mapped_column(default=RedemptionStatus.RESERVED)
    version: Mapped[int] = mapped_column()
    code_sealed: Mapped[bytes | None]
    code_index: Mapped[str] = mapped_column(String(40), unique=True)
    nonce_sealed: Mapped[bytes | None]
    nonce_index: Mapped[str] = mapped_column(String(40), unique=True)
    reserved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    collected_at: Mapped[datetime | None]
    collected_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]  # let go, run out or taken back
    note: Mapped[str] = mapped_column(String(200), default="")  # why it ended, where somebody said so
    policy_version: Mapped[str] = mapped_column(String(40), default="")

    gift: Mapped[Gift] = relationship()
    merchant: Mapped[Merchant] = relationship()
    person: Mapped[Person] = relationship()
    refund: Mapped[Refund | None] = relationship(back_populates="redemption")
    code = Sealed("code_sealed", "person")
    nonce = Sealed("nonce_sealed", "person")

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: RedemptionAction) -> None:
        """Move along the lifecycle. The only writer of status."""
        self.status = lifecycle.REDEMPTIONS.next(self.status, action)


class Refund(Base):
    """A collected gift that is to be taken back: asked by the merchant, said yes to by the site, above a limit by two."""

    __tablename__ = "refunds"

    id: Mapped[int] = mapped_column(primary_key=True)
    redemption_id: Mapped[int] = mapped_column(ForeignKey("redemptions.id"), unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchants.id"), index=True)
    why: Mapped[str] = mapped_column(String(20))  # see refunding.REASONS
    words: Mapped[str] = mapped_column(String(200), default="")
    restock: Mapped[bool] = mapped_column(default=False)  # the gift goes back on the shelf
    status: Mapped[RefundStatus] = mapped_column(default=RefundStatus.ASKED)
    version: Mapped[int] = mapped_column()
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    first_by: Mapped[int | None]
    first_at: Mapped[datetime | None]
    second_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(200), default="")  # why it was refused

    redemption: Mapped[Redemption] = relationship(back_populates="refund")
    merchant: Mapped[Merchant] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: RefundAction) -> None:
        """Move along the lifecycle. The only writer of status."""
        self.status = lifecycle.REFUNDS.next(self.status, action)
