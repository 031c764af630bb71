"""Forgetting whoever asks for it (个人信息保护法 art. 47): their key is destroyed, and what stands unsealed beside it is blanked.

What the law has kept stays under a number without a name: entries of the books, consents, the log of who did and who looked
(art. 51: six months and more). A volunteer's record is kept for ten years (GB/T 40143-2021, 5.2.2), so a volunteer leaves
the register instead. A copy of the database from before still opens with the keys file: so whoever was forgotten is written
into a file beside the keys, and is forgotten again when a backup was put back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.accounts.granting import held, must_manage, sign_out_everywhere
from volunteer.accounts.models import Brought, LoginCode, Person, RoleGrant
from volunteer.accounts.models_caring import Care
from volunteer.accounts.models_entering import PendingEntry, RecoveryCode, ResetLink, SecondFactor
from volunteer.administration.merging.models import Merge, Pair
from volunteer.administration.merging.rules import UNDO_DAYS
from volunteer.audit.recording import record
from volunteer.feedback.lifecycle import AT_WORK
from volunteer.feedback.models import Case, CaseEvent, CasePhoto
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.messaging.models import Message
from volunteer.orders.households.lifecycle import StandingState
from volunteer.orders.households.models_household import Marker, SavedPlace
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.lifecycle import OPEN, Status
from volunteer.orders.models import OrderEvent, OrderPhoto, ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.orders.parts.models_joining import Joined
from volunteer.recognition.lifecycle import HomeState
from volunteer.recognition.models_homes import HomeMember
from volunteer.rewards.merchants.lifecycle import RedemptionStatus
from volunteer.rewards.merchants.models import Redemption
from volunteer.rewards.partners.models import PartnerAccount
from volunteer.teams.models import Volunteer

NOBODY = "–"  # the name of whoever is forgotten, in every language
COARSE = 2  # decimals of a degree that stay of where an order was: about a kilometre
UNDO = timedelta(days=UNDO_DAYS)
FILE = "forgotten"  # beside the keys


def obstacles(session: Session, person_id: int, *, at: datetime) -> list[str]:
    """Return what must be done first, as msgids; empty when this person can be forgotten now."""
    mine = Case.person_id == person_id, Case.status.in_(AT_WORK)
    standing = StandingOrder.resident_id == person_id, StandingOrder.state != StandingState.ENDED
    seat = HomeMember.person_id == person_id, HomeMember.state == HomeState.MEMBER
    gift = Redemption.person_id == person_id, Redemption.status == RedemptionStatus.RESERVED
    found: tuple[tuple[Select[Any], str], ...] = (
        (
            select(Volunteer.id).where(Volunteer.id == person_id),
            N_("The law has a volunteer's record kept for ten years. You can leave the register of volunteers instead."),
        ),
        (_open_orders(person_id), N_("A request is still open. Please withdraw it, or wait until it is closed.")),
        (select(StandingOrder.id).where(*standing), N_("Help still comes every week. Please end it first.")),
        (select(Case.id).where(*mine), N_("Something that you told us is still being looked at. Please wait for the answer.")),
        (select(HomeMember.id).where(*seat), N_("You belong to a household of volunteers. Please leave it first.")),
        (select(Redemption.id).where(*gift), N_("A gift is reserved for you. Please fetch it or let it go first.")),
        (_links(person_id), N_("Your account is linked with another platform. Please end that first.")),
        (
            _merged(person_id, at),
            N_("Two entries of yours were made one. That can still be taken apart; please ask again in a month."),
        ),
    )
    words = [said for query, said in found if session.scalar(query.limit(1)) is not None]
    if any(grant.role is not Role.RESIDENT for grant in held(session, person_id, at)):
        words.insert(0, N_("You have a role here. Please let it be ended first."))
    return words


def forget(session: Session, actor: Actor, person_id: int, *, at: datetime) -> str:
    """Forget somebody: themselves, or for them whoever manages them. Return their uid, to be remembered beside the keys.

    Raises Conflict with the first thing that must be done before. Who is forgotten already stays so.
    """
    person = lock(session, Person, person_id)
    if actor.user_id != person.id:
        must_manage(session, actor, person, at=at)
    if person.is_forgotten:
        return person.uid
    if words := obstacles(session, person.id, at=at):
        raise Conflict("not_forgotten", words[0])
    blank(session, person, at)
    record(session, actor, "person_forgotten", f"person:{person.id}", at=at)
    return person.uid


def note(file: Path, uids: Iterable[str]) -> None:
    """Write down beside the keys who was forgotten: random names of rows, which say nothing by themselves."""
    if lines := "".join(f"{uid}\n" for uid in sorted(uids)):
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="ascii") as target:
            target.write(lines)


def noted_in(file: Path) -> set[str]:
    """Return the uids in the file; none without one."""
    return set(file.read_text(encoding="ascii").split()) if file.exists() else set()


def blank(session: Session, person: Person, at: datetime) -> None:
    """Destroy the key of ``person`` and empty what stands beside it; nobody is asked, nothing is written down."""
    for merged in session.scalars(select(Merge).where(Merge.kept_id == person.id, Merge.undone_at.is_(None))):
        if not merged.gone.is_forgotten:
            blank(session, merged.gone, at)
    _orders(session, person.id, at)
    _said(session, person.id)
    _around(session, person, at)
    sign_out_everywhere(session, person.id, at=at)
    person.name, person.born_on, person.login_name, person.password_hash = NOBODY, None, None, None
    person.phone, person.phone_index, person.document, person.document_index = None, None, None, None
    person.wrapped_key, person.disabled_at = None, at


def _orders(session: Session, person_id: int, at: datetime) -> None:
    """What they ordered stays as a figure: of what, when, roughly where, by whom."""
    orders = session.scalars(select(ServiceOrder).where(ServiceOrder.resident_id == person_id)).all()
    for order in orders:
        _blank(order)
        order.answers, order.place = [], ""
        order.latitude, order.longitude = round(order.latitude, COARSE), round(order.longitude, COARSE)
        if order.status is Status.WITHDRAWN:
            order.reason = ""  # in their own words
    ids = [order.id for order in orders]
    session.execute(delete(OrderPhoto).where(OrderPhoto.order_id.in_(ids)))  # the files are swept up by the jobs of photos
    session.execute(update(OrderEvent).where(OrderEvent.actor_id == person_id).values(actor_name="", note=""))
    for rating in session.scalars(select(Rating).where(Rating.order_id.in_(ids))):
        _blank(rating)
    for standing in session.scalars(select(StandingOrder).where(StandingOrder.resident_id == person_id)):
        _blank(standing)
        standing.answers = []
        standing.latitude, standing.longitude = round(standing.latitude, COARSE), round(standing.longitude, COARSE)
    for joined in session.scalars(select(Joined).where(Joined.resident_id == person_id)):
        _blank(joined)
        joined.left_at = joined.left_at or at


def _said(session: Session, person_id: int) -> None:
    cases = session.scalars(select(Case).where(Case.person_id == person_id)).all()
    for case in cases:
        for row in (case, *case.events, *case.asks):
            _blank(row)
    session.execute(delete(CasePhoto).where(CasePhoto.case_id.in_([case.id for case in cases])))
    session.execute(update(CaseEvent).where(CaseEvent.actor_id == person_id).values(actor_name=""))


def _around(session: Session, person: Person, at: datetime) -> None:
    for table in (SavedPlace, Marker, SecondFactor, RecoveryCode, PendingEntry, ResetLink, Message):
        session.execute(delete(table).where(table.person_id == person.id))
    session.execute(delete(LoginCode).where(LoginCode.phone_index == (person.phone_index or "")))
    session.execute(delete(Brought).where(or_(Brought.person_id == person.id, Brought.from_id == person.id)))
    session.execute(delete(Pair).where(or_(Pair.one_id == person.id, Pair.other_id == person.id)))
    ends = (or_(Care.helper_id == person.id, Care.person_id == person.id), Care.ended_at.is_(None))
    session.execute(update(Care).where(*ends).values(ended_at=at))
    session.execute(
        update(RoleGrant)
        .where(RoleGrant.person_id == person.id, or_(RoleGrant.until.is_(None), RoleGrant.until > at))
        .values(until=at)
    )
    session.execute(
        update(PartnerAccount).where(PartnerAccount.person_id == person.id).values(account_sealed=None, taken=None, mask="")
    )


def _blank(row: Any) -> None:
    """Empty every sealed column: without the key they are noise, and stay so when the key comes back with a backup."""
    for name in type(row).__mapper__.columns.keys():  # noqa: SIM118 - SQLAlchemy's collection
        if name.endswith("_sealed"):
            setattr(row, name, None)


def _open_orders(person_id: int) -> Select[Any]:
    return select(ServiceOrder.id).where(ServiceOrder.resident_id == person_id, ServiceOrder.status.in_(sorted(OPEN)))


def _merged(person_id: int, at: datetime) -> Select[Any]:
    """A merge that may still be taken apart wants the keys; of an entry that has gone into another, the other is asked for."""
    may_part = or_(Merge.gone_id == person_id, and_(Merge.kept_id == person_id, Merge.at > at - UNDO))
    return select(Merge.id).where(may_part, Merge.undone_at.is_(None))


def _links(person_id: int) -> Select[Any]:
    return select(PartnerAccount.id).where(PartnerAccount.person_id == person_id, PartnerAccount.ended_at.is_(None))
