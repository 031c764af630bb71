"""Everything held about one person, for that person: read from the tables themselves, so that a new column is in it at once.

What belongs to third persons stays out: who acted, whom they know, a guardian's phone. So do secrets that open doors.
``SECTIONS`` and ``LEFT_OUT`` together name every column that points at a person; a test says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import MANYTOONE, RelationshipProperty, Session

from volunteer.access import Actor
from volunteer.accounts.models import Consent, Person, RoleGrant
from volunteer.accounts.models_caring import Care
from volunteer.accounts.models_entering import SecondFactor
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.attendance.models import Attendance
from volunteer.audit.models import AuditEntry
from volunteer.audit.recording import record
from volunteer.certificates.models import Certificate
from volunteer.certificates.models_batches import BatchPerson
from volunteer.feedback.models import Case
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import Base, load
from volunteer.kernel.sealed import Sealed
from volunteer.kernel.words import N_
from volunteer.ledger.models import Account, Transfer
from volunteer.ledger.models_points import PointClaim, PointLot, PointWarning
from volunteer.messaging.models import Message
from volunteer.messaging.templates import render
from volunteer.orders.households.models_household import Marker, SavedPlace
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.models_rating import Rating
from volunteer.orders.parts.models_joining import Joined
from volunteer.orders.visits.models_absences import Absence
from volunteer.recognition.models import Eligibility, StarAward, StarStanding
from volunteer.recognition.models_benefits import BenefitCount, BenefitUse
from volunteer.recognition.models_homes import Home, HomeMember
from volunteer.rewards.merchants.models import MerchantStaff, Redemption
from volunteer.rewards.partners.models import Exchange, PartnerAccount
from volunteer.rewards.points.models import PointGift, PointRequest
from volunteer.teams.models import Availability, Membership, Volunteer, VolunteerSkill
from volunteer.teams.models_duty import Duty
from volunteer.teams.models_teams import TeamApplication, TeamAsk
from volunteer.teams.models_volunteers import DayOff, Guardian, Paper, Wish
from volunteer.web.models import WebSession

Row = dict[str, Any]


class Section(NamedTuple):
    """The rows of one table that are this person's: those whose ``column`` is the person's id."""

    title: str
    table: type[Base]
    column: str
    hide: frozenset[str] = frozenset()


SECTIONS: tuple[Section, ...] = (
    Section(N_("Profile"), Person, "id"),
    Section(N_("Roles"), RoleGrant, "person_id"),
    Section(N_("What I agreed to"), Consent, "person_id"),
    Section(N_("Log-ins"), WebSession, "person_id"),
    Section(N_("Second factor"), SecondFactor, "person_id"),
    Section(N_("Orders"), ServiceOrder, "resident_id"),
    Section(N_("Requests of others that I joined"), Joined, "resident_id"),
    Section(N_("Help that comes every week"), StandingOrder, "resident_id"),
    Section(N_("Saved places"), SavedPlace, "person_id"),
    Section(N_("Markers of the household"), Marker, "person_id"),
    Section(N_("Whom I order for"), Care, "helper_id"),
    Section(N_("Who may order for me"), Care, "person_id"),
    Section(N_("Complaints and praise"), Case, "person_id"),
    Section(N_("As a volunteer"), Volunteer, "id"),
    Section(N_("Skills"), VolunteerSkill, "volunteer_id"),
    Section(N_("Weekly hours"), Availability, "volunteer_id"),
    Section(N_("Single days"), DayOff, "volunteer_id"),
    Section(N_("Papers"), Paper, "volunteer_id"),
    Section(N_("Wishes"), Wish, "volunteer_id"),
    Section(N_("Guardian's consent"), Guardian, "volunteer_id", frozenset({"name", "phone"})),
    Section(N_("Teams"), Membership, "volunteer_id"),
    Section(N_("Teams applied for"), TeamApplication, "applicant_id", frozenset({"members"})),
    Section(N_("Questions between me and teams"), TeamAsk, "volunteer_id"),
    Section(N_("Visits"), Visitor, "volunteer_id", frozenset({"history"})),
    Section(N_("On duty now"), Duty, "volunteer_id"),
    Section(N_("Attendances"), Attendance, "volunteer_id"),
    Section(N_("When I could not come"), Absence, "volunteer_id"),
    Section(N_("Hours asked to be written in"), HoursAsk, "volunteer_id"),
    Section(N_("Hours that I objected to"), HoursContest, "volunteer_id"),
    Section(N_("Certificates"), Certificate, "volunteer_id"),
    Section(N_("What counts for stars"), StarStanding, "volunteer_id"),
    Section(N_("Stars proposed"), Eligibility, "volunteer_id", frozenset({"note"})),
    Section(N_("Stars awarded"), StarAward, "volunteer_id"),
    Section(N_("Benefits had"), BenefitUse, "volunteer_id"),
    Section(N_("How often each benefit was had"), BenefitCount, "volunteer_id"),
    Section(N_("Households headed"), Home, "head_id"),
    Section(N_("Households joined"), HomeMember, "person_id"),
    Section(N_("Schools and units that asked for my certificate"), BatchPerson, "volunteer_id"),
    Section(N_("Gifts I reserved"), Redemption, "person_id", frozenset({"nonce", "token"})),
    Section(N_("Tills I stand at"), MerchantStaff, "person_id"),
    Section(N_("My accounts with other platforms"), PartnerAccount, "person_id", frozenset({"taken"})),
    Section(N_("Points moved to and from other platforms"), Exchange, "person_id"),
    Section(N_("Points I gave"), PointGift, "giver_id"),
    Section(N_("Points I was given"), PointGift, "receiver_id"),
    Section(N_("My points corrected by hand"), PointRequest, "person_id"),
    Section(N_("Points that I owe"), PointClaim, "person_id"),
    Section(N_("When my points run out"), PointLot, "person_id"),
    Section(N_("Warnings about my points"), PointWarning, "person_id"),
)
LEFT_OUT = {  # table.column: why
    "benefit_codes.volunteer_id": "codes shown at a counter, gone after ten minutes",
    "points_findings.person_id": "a pattern that somebody looks into; what came of it is in the audit log",
    "recovery_codes.person_id": "secrets that open the account",
    "pending_entries.person_id": "halves of log-ins, gone within a day",
    "reset_links.person_id": "secrets that open the account",
    "dispatch_runs.person_id": "plans for a whole board that they began as staff; in the audit log",
    "duty_spots.volunteer_id": "how they are found while on duty, made of the row above and gone with it",
    "hours_findings.person_id": "questions that the site asks itself; what comes of one is told and stands in the ledger",
    "check_marks.by_id": "which device was tapped at a check-in, for half a year",
    "holds.person_id": "who has an order open for some minutes",
    "messages.person_id": "read by _messages, as words",
    "brought_keys.person_id": "keys, which open what stands in the chapters above",
    "brought_keys.from_id": "keys, which open what stands in the chapters above",
    "person_pairs.one_id": "whether two entries may be one person: staff's question, in the audit log",
    "person_pairs.other_id": "whether two entries may be one person: staff's question, in the audit log",
    "point_counts.person_id": "when the chapter of what runs out was made",
    "person_merges.kept_id": "a merge: they were told, and it stands in the audit log",
    "person_merges.gone_id": "a merge: they were told, and it stands in the audit log",
}
SECRET = frozenset({"secret", "code", "start_code", "link", "token"})
OF_OTHERS = ("_by", "_id", "_hash", "_index", "_sealed")
PLUMBING = frozenset({"id", "uid", "version", "search", "via", "wrapped_key", "last_step", "site_path", "desk_path", "digest"})


@dataclass(frozen=True)
class Part:
    """One chapter of the copy."""

    title: str
    name: str
    rows: Sequence[Row]


def collect(session: Session, actor: Actor, *, at: datetime) -> list[Part]:
    """Return everything about the actor, by chapter, and write down that it was taken. The edge has asked for a proof first."""
    person = load(session, Person, actor.user_id)
    record(session, actor, "own_data_taken", f"person:{person.id}", at=at)
    parts = [
        Part(one.title, _name(one), [_row(session, row, one.hide) for row in _rows(session, one, person.id)]) for one in SECTIONS
    ]
    parts += [
        Part(N_("Ratings given"), "ratings", _ratings(session, person.id)),
        Part(N_("Statement of hours and points"), "ledger", _ledger(session, person.id)),
        Part(N_("Messages"), "messages", _messages(session, person)),
        Part(N_("Who looked at me, and what was changed"), "looks", _looks(session, person.id)),
        Part(N_("What I did here"), "acts", _acts(session, person.id)),
    ]
    return [part for part in parts if part.rows]


def _name(one: Section) -> str:
    return f"{one.table.__tablename__}.{one.column}"


def _rows(session: Session, one: Section, person_id: int) -> Sequence[Any]:
    key = inspect(one.table).primary_key
    return session.scalars(select(one.table).where(getattr(one.table, one.column) == person_id).order_by(*key)).all()


def _row(session: Session, row: Any, hide: frozenset[str] = frozenset()) -> Row:
    """Every value of a row that is the person's own: plain columns, unsealed ones, and the names of what it points at."""
    mapper = inspect(type(row))
    zone = zone_of(session)
    shown: Row = {}
    for name in mapper.columns.keys():  # noqa: SIM118 - SQLAlchemy's collection
        if name not in PLUMBING | hide and not name.endswith(OF_OTHERS) and name != "password_hash":
            shown[name] = _plain(getattr(row, name), zone)
    for name, attribute in vars(type(row)).items():
        if isinstance(attribute, Sealed) and name not in SECRET | hide:
            shown[name] = getattr(row, name)
    for relation in mapper.relationships:
        if (name := relation.key) not in hide and _points_at_a_thing(relation):
            target = getattr(row, name)
            label = getattr(target, "number", None) or getattr(target, "name", None)
            if label:
                shown[name] = label
    return {name: value for name, value in shown.items() if value not in (None, "", [], {})}


def _points_at_a_thing(relation: RelationshipProperty[Any]) -> bool:
    """A site, a service, a team, an order: never another person."""
    return relation.direction is MANYTOONE and relation.mapper.class_ not in {Person, Volunteer, Care}


def _plain(value: Any, zone: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return None if isinstance(value, bytes) else value


def _ratings(session: Session, person_id: int) -> list[Row]:
    found = select(Rating).join(ServiceOrder, ServiceOrder.id == Rating.order_id).where(ServiceOrder.resident_id == person_id)
    return [_row(session, row, frozenset({"words_reason", "masked"})) for row in session.scalars(found.order_by(Rating.id))]


def _ledger(session: Session, person_id: int) -> list[Row]:
    mine = set(session.scalars(select(Account.id).where(Account.owner == f"person:{person_id}")))
    found = select(Transfer).where(or_(Transfer.source_id.in_(mine), Transfer.target_id.in_(mine))).order_by(Transfer.id)
    hide = frozenset({"key", "amount", "source", "target"})
    rows = []
    for transfer in session.scalars(found):
        sign = 1 if transfer.target_id in mine else -1
        rows.append(_row(session, transfer, hide) | {"amount": sign * transfer.amount})
    return rows


def _messages(session: Session, person: Person) -> list[Row]:
    zone = zone_of(session)
    found = select(Message).where(Message.person_id == person.id).order_by(Message.id)
    return [
        {
            "at": _plain(row.created_at, zone),
            "channel": row.channel.value,
            "words": render(row.template, row.locale, row.params),
            "about": row.about,
        }
        for row in session.scalars(found)
    ]


def _looks(session: Session, person_id: int) -> list[Row]:
    """What others did about this person and their orders: when and what; not who, for they are third persons."""
    zone = zone_of(session)
    orders = session.scalars(select(ServiceOrder.id).where(ServiceOrder.resident_id == person_id))
    subjects = [f"person:{person_id}", *(f"order:{number}" for number in orders)]
    others = or_(AuditEntry.actor_id.is_(None), AuditEntry.actor_id != person_id)
    found = select(AuditEntry).where(AuditEntry.subject.in_(subjects), others).order_by(AuditEntry.id)
    return [{"at": _plain(row.at, zone), "action": row.action, "about": row.subject} for row in session.scalars(found)]


def _acts(session: Session, person_id: int) -> list[Row]:
    zone = zone_of(session)
    found = select(AuditEntry).where(AuditEntry.actor_id == person_id).order_by(AuditEntry.id)
    return [{"at": _plain(row.at, zone), "action": row.action} for row in session.scalars(found)]
