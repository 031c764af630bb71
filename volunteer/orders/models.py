"""订单 and what hangs on it: its diary, offers, the dispatcher's hold, who is to come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.accounts.models_caring import Care
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.media.models import Photo
from volunteer.orders.lifecycle import OFFERS, OPEN, Action, OfferAction, OfferState, Status, next_status
from volunteer.orders.visits.lifecycle import VISITORS, VisitorAction, VisitorState
from volunteer.places.models import Site
from volunteer.teams.models import Team, Volunteer

if TYPE_CHECKING:
    from volunteer.orders.households.models_standing import Move
    from volunteer.orders.models_rating import Rating
    from volunteer.orders.parts.models_joining import Joined

MOST_REASON = 200  # characters, of an answer to an offer


class OrderChannel(StrEnum):
    """How an order came in."""

    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"


class WhenKind(StrEnum):
    """How the resident said when."""

    SOON = "soon"
    WINDOW = "window"
    FLEXIBLE = "flexible"


class ServiceOrder(Identified, Base):
    """订单: one request for service, from 点单 to 评单."""

    __tablename__ = "service_orders"
    __table_args__ = (
        Index(  # all that a board counts and sorts by: it is asked every five seconds by every desk
            "ix_service_orders_board",
            "status",
            "due_at",
            "version",
            "urgent",
            "site_path",
            "desk_path",
            "reason",
        ),
        Index("ix_service_orders_status_placed_at", "status", "placed_at"),
        Index("ix_service_orders_site_path_status", "site_path", "status", postgresql_ops={"site_path": "varchar_pattern_ops"}),
        Index("ix_service_orders_team_id_status", "team_id", "status"),
        Index("ix_service_orders_resident_id_placed_at", "resident_id", "placed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of the token in the secret link
    secret_sealed: Mapped[bytes | None]
    code_sealed: Mapped[bytes | None]  # 6 digits that go with the number
    start_code_sealed: Mapped[bytes | None]  # 4 digits, told to whoever comes
    status: Mapped[Status] = mapped_column(default=Status.PLACED)
    version: Mapped[int] = mapped_column()

    resident_id: Mapped[int] = mapped_column(ForeignKey("people.id"))  # whom the service is for; its owner
    placed_by: Mapped[int | None]  # the clerk, or the signed-in person
    channel: Mapped[OrderChannel] = mapped_column(default=OrderChannel.WEB)
    on_behalf: Mapped[bool] = mapped_column(default=False)  # ordered by a relative or neighbour
    care_id: Mapped[int | None] = mapped_column(ForeignKey("cares.id"), index=True)  # by which right they did
    contact_sealed: Mapped[bytes | None]  # name to ask for
    phone_sealed: Mapped[bytes | None]
    door_sealed: Mapped[bytes | None]  # the exact address

    item_id: Mapped[int | None] = mapped_column(ForeignKey("service_items.id"))  # None: free words, not yet sorted
    words_sealed: Mapped[bytes | None]  # the resident's own words: they may name anybody
    answers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # [{"code", "value"}] to the item's questions
    urgent: Mapped[bool] = mapped_column(default=False)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # where it is
    site_path: Mapped[str] = mapped_column(String(120))
    desk_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # who dispatches now
    desk_path: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120), default="")  # area in words, without the door
    latitude: Mapped[float]  # WGS-84; what a team sees before acceptance is rounded
    longitude: Mapped[float]

    when_kind: Mapped[WhenKind] = mapped_column(default=WhenKind.FLEXIBLE)
    window_begins: Mapped[datetime | None]
    window_ends: Mapped[datetime | None]

    placed_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime | None]  # when the next step is promised
    verified_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    visit_begins: Mapped[datetime | None]  # what the team promised
    visit_ends: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]  # those who go were told that it begins soon
    served_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]  # the record was written, minutes moved
    confirmed_at: Mapped[datetime | None]  # the resident said that the service took place
    closed_at: Mapped[datetime | None]
    solved_ask_at: Mapped[datetime | None] = mapped_column(index=True)  # when to ask whether it is really solved
    nudged_at: Mapped[datetime | None]
    nudges: Mapped[int] = mapped_column(default=0)
    handed_back_at: Mapped[datetime | None]  # a team let it go, and nobody was asked since
    stuck_until: Mapped[datetime | None]  # the job could not go on with it; it tries again then
    reason: Mapped[str] = mapped_column(String(300), default="")  # why rejected, withdrawn, given up, escalated

    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    served_people: Mapped[int | None]
    record: Mapped[str] = mapped_column(Text, default="")  # the team's two lines

    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("service_orders.id"), index=True)
    part_number: Mapped[int | None]  # 1, 2, … of the whole; none when it was put back together
    in_parts: Mapped[int] = mapped_column(default=0, server_default="0")  # how many parts it is split into now

    resident: Mapped[Person] = relationship(foreign_keys=[resident_id])
    care: Mapped[Care | None] = relationship()
    item: Mapped[ServiceItem | None] = relationship()
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    desk: Mapped[Site] = relationship(foreign_keys=[desk_id])
    team: Mapped[Team | None] = relationship()
    events: Mapped[list[OrderEvent]] = relationship(back_populates="order", order_by="OrderEvent.id")
    offers: Mapped[list[Offer]] = relationship(back_populates="order", order_by="Offer.id")
    crew: Mapped[list[Visitor]] = relationship(
        back_populates="order", order_by="Visitor.volunteer_id", cascade="all, delete-orphan"
    )
    photos: Mapped[list[OrderPhoto]] = relationship(back_populates="order", order_by="OrderPhoto.id")
    rating: Mapped[Rating | None] = relationship(back_populates="order")
    moves: Mapped[list[Move]] = relationship(viewonly=True, order_by="Move.id")
    hold: Mapped[Hold | None] = relationship(back_populates="order", cascade="all, delete-orphan")
    part_of: Mapped[ServiceOrder | None] = relationship(remote_side=[id], foreign_keys=[part_of_id])
    all_parts: Mapped[list[ServiceOrder]] = relationship(
        foreign_keys=[part_of_id], order_by="ServiceOrder.id", overlaps="part_of"
    )
    joined: Mapped[list[Joined]] = relationship(back_populates="order", order_by="Joined.id")

    secret = Sealed("secret_sealed", "resident")
    code = Sealed("code_sealed", "resident")
    start_code = Sealed("start_code_sealed", "resident")
    contact = Sealed("contact_sealed", "resident")
    phone = Sealed("phone_sealed", "resident")
    door = Sealed("door_sealed", "resident")
    words = Sealed("words_sealed", "resident")

    __mapper_args__ = {"version_id_col": version}

    @property
    def visitors(self) -> tuple[Visitor, ...]:
        """Who goes, or went; ``crew`` also has stand-ins, the waitlist and those who cannot come."""
        return tuple(visitor for visitor in self.crew if visitor.state is VisitorState.GOING)

    @property
    def is_away(self) -> bool:
        """Whether a desk of another county has it: it was handed over."""
        return self.site_path.split("/")[1] != self.desk_path.split("/")[1]

    @property
    def seen_photos(self) -> list[OrderPhoto]:
        """Its photos, and for a part those that came with the whole order."""
        asked = self.part_of.photos if self.part_of is not None else []
        return [*self.photos, *(photo for photo in asked if photo.kind is PhotoKind.ASKED)]

    @property
    def parts(self) -> tuple[ServiceOrder, ...]:
        """Its parts, by number, without those that were put back together."""
        return tuple(part for part in self.all_parts if part.part_number is not None)

    def advance(self, action: Action, by: Actor, at: datetime, note: str = "") -> None:
        """Move along the lifecycle and write down who did it. The only writer of status."""
        before = self.status
        self.status = next_status(before, action)
        if before not in OPEN and self.status in OPEN:  # an order that lives again is where its place is now
            self.site_path, self.desk_path = self.site.path, self.desk.path
        self.write_down(action.value, by, at, note, before)

    def write_down(self, what: str, by: Actor, at: datetime, note: str = "", before: Status | None = None) -> None:
        """Add a line to the diary; ``what`` is an action or another thing worth telling (nudge, escalate).

        The diary is read by people who may not know the resident's name: what they did themselves stands without one.
        """
        own = by.user_id is not None and by.user_id == (self.resident_id or self.resident.id)
        line = OrderEvent(
            what=what,
            from_status=before or self.status,
            to_status=self.status,
            actor_id=by.user_id,
            actor_name="" if own else by.name,
            note=note,
            at=at,
        )
        session = object_session(self)
        if session is None or "events" in self.__dict__:
            self.events.append(line)
        else:  # the diary so far need not be read for one more line
            line.order = self
            session.add(line)


class OrderEvent(Base):
    """One line of an order's diary."""

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    what: Mapped[str] = mapped_column(String(32))
    from_status: Mapped[Status]
    to_status: Mapped[Status]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(index=True)

    order: Mapped[ServiceOrder] = relationship(back_populates="events")


class OfferHow(StrEnum):
    """Which way an offer came about."""

    BY_HAND = "by_hand"
    BATCH = "batch"  # a plan for the whole board
    RULE = "rule"  # a centre's rule
    AGAIN = "again"  # after a no, or no answer
    POOL = "pool"  # the team took it or applied for it


class Offer(Base):
    """派单: an order proposed to a team, which may say no. Keeps why this team was chosen (PIPL art. 24)."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("ix_offers_team_id_state", "team_id", "state"),
        Index("ix_offers_state_expires_at", "state", "expires_at"),
        Index("ix_offers_team_id_made_at", "team_id", "made_at"),
        Index("ix_offers_made_at_state", "made_at", "state", "how", "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    state: Mapped[OfferState] = mapped_column(default=OfferState.OPEN)
    wave: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(MOST_REASON), default="")  # of a decline or recall
    score: Mapped[float]
    rank: Mapped[int]  # 1 is the best; 0 when the dispatcher chose a team that was not ranked
    candidates: Mapped[int]  # how many were able
    metres: Mapped[float]
    reasons: Mapped[dict[str, Any]] = mapped_column(JSON())
    policy_version: Mapped[str] = mapped_column(String(40))
    how: Mapped[OfferHow] = mapped_column(default=OfferHow.BY_HAND, server_default=OfferHow.BY_HAND.value)
    price: Mapped[float] = mapped_column(default=0.0, server_default="0")  # taken off the score for load and fairness
    run_id: Mapped[int | None]  # of the plan for the whole board that it came from
    version: Mapped[int] = mapped_column()

    order: Mapped[ServiceOrder] = relationship(back_populates="offers")
    team: Mapped[Team] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: OfferAction, at: datetime, by: Actor | None = None, reason: str = "") -> None:
        """Move along the lifecycle and write down who answered, when and why. The only writer of state."""
        self.state = OFFERS.next(self.state, action)
        self.answered_at, self.answered_by = at, by.user_id if by else None
        self.reason = reason[:MOST_REASON]


class Hold(Base):
    """A dispatcher's grip on an order: taken on opening, told to others, gone after ten minutes."""

    __tablename__ = "holds"

    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]

    order: Mapped[ServiceOrder] = relationship(back_populates="hold")
    person: Mapped[Person] = relationship()


class Visitor(Base):
    """A member who goes on a visit, or went, or stands by: every step that brought them there stays in ``history``."""

    __tablename__ = "order_visitors"

    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, index=True)
    state: Mapped[VisitorState] = mapped_column(default=VisitorState.GOING, server_default="going")
    team_id: Mapped[int | None]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None] = mapped_column(index=True)  # by when somebody who was asked answers
    history: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")  # [{"state", "at", "by", "note"}]

    order: Mapped[ServiceOrder] = relationship(back_populates="crew")
    volunteer: Mapped[Volunteer] = relationship()

    def __init__(self, **values: Any) -> None:
        values.setdefault("state", VisitorState.GOING)
        values.setdefault("history", [])
        super().__init__(**values)

    def advance(self, action: VisitorAction, by: Actor, at: datetime, note: str = "", until: datetime | None = None) -> None:
        """Move along the lifecycle and write it down: what they are to the visit now. The only writer of state."""
        self.state = VISITORS.next(self.state, action)
        self.since, self.until = at, until
        step = {"state": self.state.value, "at": at.isoformat(), "by": by.user_id, "note": note}
        self.history = [*self.history, {name: value for name, value in step.items() if value not in (None, "")}]


class PhotoKind(StrEnum):
    """Which side of the service a photo shows."""

    ASKED = "asked"
    BEFORE = "before"
    AFTER = "after"


class OrderPhoto(Base):
    """A photo of an order."""

    __tablename__ = "order_photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"), unique=True)
    kind: Mapped[PhotoKind]

    order: Mapped[ServiceOrder] = relationship(back_populates="photos")
    photo: Mapped[Photo] = relationship()


from volunteer.orders import models_rating as models_rating  # noqa: E402 - an order names its rating, which names its order
from volunteer.orders.households import models_standing as models_standing  # noqa: E402 - an order names its moves, which name their order
from volunteer.orders.parts import models_joining as models_joining  # noqa: E402 - likewise
