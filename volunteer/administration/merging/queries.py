"""What a person who decides about a pair looks at: both entries side by side, lists of pairs and of merges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from volunteer.access import Actor, Role
from volunteer.accounts.documents import masked
from volunteer.accounts.granting import held
from volunteer.accounts.models import Person
from volunteer.administration.listing import Listed, listed
from volunteer.administration.merging.lifecycle import PairState
from volunteer.administration.merging.merging import P
from volunteer.administration.merging.models import Merge, Pair
from volunteer.administration.merging.rules import keeps
from volunteer.audit.recording import record
from volunteer.certificates.models import Certificate
from volunteer.kernel.db import load, under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.text import like
from volunteer.ledger.models import Unit
from volunteer.ledger.queries import balance
from volunteer.ledger.rules import person as owner
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.belonging import teams_of
from volunteer.teams.models import Volunteer
from volunteer.web.models import WebSession


@dataclass(frozen=True, slots=True)
class Entry:
    """One of two entries, as it is compared. Telephone and document are hidden but for what tells them apart."""

    id: int
    name: str
    number: str | None
    born_on: date | None
    phone: str | None
    document: str | None
    site: Site | None
    since: datetime
    last_seen: datetime | None
    log_in: str | None
    closed: bool
    minutes: int
    points: int
    orders: int
    certificates: int
    teams: tuple[str, ...]
    roles: tuple[tuple[Role, Site], ...]

    @property
    def turn(self) -> tuple[bool, bool, datetime, int]:
        """By what it is chosen which of two stays."""
        return self.number is not None, self.log_in is not None, self.since, self.id


def pairs(session: Session, actor: Actor, state: PairState, words: str, page: int) -> Listed[Pair]:
    """Return pairs of the actor's places in that state whose names match ``words``, the latest first."""
    one, other = aliased(Person), aliased(Person)
    found = (
        select(Pair)
        .join(one, one.id == Pair.one_id)
        .join(other, other.id == Pair.other_id)
        .where(Pair.state == state, under(actor.scopes(P), Pair.site_path), _named(words, one, other))
        .options(joinedload(Pair.one), joinedload(Pair.other))
        .order_by(Pair.found_at.desc(), Pair.id.desc())
    )
    return listed(session, found, page)


def merges(session: Session, actor: Actor, words: str, page: int) -> Listed[Merge]:
    """Return merges of the actor's places whose names match ``words``, the latest first."""
    kept, gone = aliased(Person), aliased(Person)
    found = (
        select(Merge)
        .join(kept, kept.id == Merge.kept_id)
        .join(gone, gone.id == Merge.gone_id)
        .where(under(actor.scopes(P), Merge.site_path), _named(words, kept, gone))
        .options(joinedload(Merge.kept), joinedload(Merge.gone))
        .order_by(Merge.at.desc(), Merge.id.desc())
    )
    return listed(session, found, page)


def look_at_pair(session: Session, actor: Actor, pair_id: int, *, at: datetime) -> tuple[Pair, Entry, Entry]:
    """Return a pair with both entries, the one that should stay first; looking is written down. Raises NotFound elsewhere."""
    pair = load(session, Pair, pair_id)
    if not actor.can(P, at=pair.site_path):
        raise NotFound("pair")
    entries = entry_of(session, pair.one, at=at), entry_of(session, pair.other, at=at)
    first, second = entries if keeps(entries[0].turn, entries[1].turn) else entries[::-1]
    record(session, actor, "pair_seen", f"person:{first.id}", at=at, site_path=pair.site_path, other=second.id)
    return pair, first, second


def look_at_merge(session: Session, actor: Actor, merge_id: int) -> Merge:
    """Return a merge of the actor's places. Raises NotFound elsewhere."""
    merge = load(session, Merge, merge_id)
    if not actor.can(P, at=merge.site_path):
        raise NotFound("merge")
    return merge


def entry_of(session: Session, person: Person, *, at: datetime) -> Entry:
    """Return one entry as it is compared."""
    volunteer = session.get(Volunteer, person.id)
    document, grants = person.document, held(session, person.id, at)
    return Entry(
        id=person.id,
        name=person.name,
        number=volunteer.number if volunteer else None,
        born_on=person.born_on,
        phone=person.phone,
        document=masked(document) if document else None,
        site=volunteer.site if volunteer else next((grant.site for grant in grants), None),
        since=person.registered_at,
        last_seen=session.scalar(select(func.max(WebSession.seen_at)).where(WebSession.person_id == person.id)),
        log_in=person.login_name,
        closed=person.disabled_at is not None,
        minutes=balance(session, owner(person.id), Unit.MINUTES),
        points=balance(session, owner(person.id), Unit.POINTS),
        orders=session.scalar(select(func.count(ServiceOrder.id)).where(ServiceOrder.resident_id == person.id)) or 0,
        certificates=session.scalar(select(func.count(Certificate.id)).where(Certificate.volunteer_id == person.id)) or 0,
        teams=tuple(one.team.name for one in teams_of(session, person.id, at=at)),
        roles=tuple((grant.role, grant.site) for grant in grants if grant.role not in (Role.VOLUNTEER, Role.RESIDENT)),
    )


def by_numbers(session: Session, one: str, other: str) -> tuple[Volunteer | None, Volunteer | None]:
    """Return the volunteers with these numbers."""
    first, second = (session.scalar(select(Volunteer).where(Volunteer.number == number)) for number in (one, other))
    return first, second


def _named(words: str, *people: type[Person]) -> ColumnElement[bool]:
    return or_(*(one.search.like(like(words), escape="\\") for one in people)) if words else true()
