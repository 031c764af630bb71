"""When somebody leaves: everything that waits for them is listed, each thing goes to a colleague who may do it, the roles end.

All in one transaction: what came in between listing and sending has no choice yet, so nothing is left behind unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import STAFF, Actor, Permission
from volunteer.accounts.granting import grant_role, held, must_manage, revoke_role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.accounts.models_entering import Invitation
from volunteer.audit.recording import record
from volunteer.feedback.lifecycle import AT_WORK
from volunteer.feedback.models import Case
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders.households.lifecycle import StandingState
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.lifecycle import OPEN
from volunteer.orders.models import Hold, ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.belonging import members_of
from volunteer.teams.membership import appoint_leader
from volunteer.teams.models import MemberRole, Membership, Team

STAY, EMPTY = "stay", "empty"  # goes on leading; the post stays empty for now
CHOOSE = N_("Please choose who takes this over.")
NOT_POSSIBLE = N_("This colleague may not do this here. Please choose another.")
ELSEWHERE = N_("Some of this work lies outside your sites. Please ask the administrator of the county.")


class Kind(StrEnum):
    """What can wait for somebody."""

    POST = "post"  # a role that nobody else has there
    HOLD = "hold"  # an order open on their board
    ORDER = "order"  # asked for through them
    STANDING = "standing"  # comes again and again, set up by them
    CASE = "case"  # a complaint they look into
    TEAM = "team"  # they lead it
    INVITATION = "invitation"  # they answer for it


@dataclass(frozen=True)
class Item:
    """One thing, and who may take it over: (value, name); without any, somebody must be given the role first."""

    kind: Kind
    number: int
    name: str
    path: str
    choices: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """What its field is called."""
        return f"{self.kind}-{self.number}"


@dataclass(frozen=True)
class Colleague:
    """Somebody else who works here, with their rights."""

    person: Person
    actor: Actor

    @property
    def choice(self) -> tuple[str, str]:
        return str(self.person.id), self.person.name


def open_items(session: Session, actor: Actor, person_id: int, *, at: datetime) -> list[Item]:
    """Return everything that waits for somebody. Raises NotFound or Forbidden for whom the actor does not manage."""
    person = load(session, Person, person_id)
    _must_let_go(session, actor, person, at)
    others = _colleagues(session, person_id, at)

    def who(permission: Permission, path: str) -> tuple[tuple[str, str], ...]:
        return tuple(one.choice for one in others if one.actor.can(permission, at=path))

    orders = [
        *((Kind.HOLD, order, who(Permission.ORDER_DISPATCH, order.site_path)) for order in _held(session, person_id, at)),
        *((Kind.ORDER, order, who(Permission.ORDER_VERIFY, order.site_path)) for order in _taken(session, person_id)),
    ]
    return [
        *_posts(session, actor, person, others, at),
        *(Item(kind, order.id, order.number, order.site_path, choices) for kind, order, choices in orders),
        *(
            Item(Kind.STANDING, row.id, row.item.name, row.site_path, who(Permission.ORDER_PLACE_FOR_OTHERS, row.site_path))
            for row in _standing(session, person_id)
        ),
        *(
            Item(Kind.CASE, case.id, case.number, case.desk_path, who(Permission.CASES_HANDLE, case.desk_path))
            for case in _cases(session, person_id)
        ),
        *_teams(session, actor, person_id, at),
        *(
            Item(
                Kind.INVITATION, row.id, row.name, row.site.path,
                tuple(one.choice for one in others if one.actor.may_give(row.role, at=row.site.path)),
            )
            for row in _invitations(session, person_id, at)
        ),
    ]  # fmt: skip


def hand_over(session: Session, actor: Actor, person_id: int, choices: Mapping[str, str], *, at: datetime) -> int:
    """Move each item to whom ``choices`` says by its key, then end every role of this person; return how much was moved.

    Raises Invalid with the items that nobody was chosen for, or whose choice may not do them.
    """
    person = lock(session, Person, person_id)
    items = open_items(session, actor, person_id, at=at)
    if any(not actor.can(Permission.PEOPLE_MANAGE, at=item.path) for item in items):
        raise Conflict("work_elsewhere", ELSEWHERE)
    wrong: dict[str, list[str]] = {}
    for item in items:
        choice = choices.get(item.key, "")
        if choice not in {value for value, _name in item.choices}:
            wrong[item.key] = [NOT_POSSIBLE if choice else CHOOSE]
    if wrong:
        raise Invalid("not_all_chosen", CHOOSE, wrong)

    moved: Counter[int] = Counter()
    for item in items:
        choice = choices[item.key]
        if choice not in {STAY, EMPTY}:
            MOVES[item.kind](session, actor, item, load(session, Person, int(choice)), at)
            moved[int(choice)] += 1
        record(
            session, actor, "work_handed_over", f"person:{person_id}", at=at, site_path=item.path, what=item.kind.value,
            number=item.number, to=int(choice) if choice.isdigit() else choice,
        )  # fmt: skip
    for grant in _letting_go(session, person.id, at):
        if grant.since > at:
            grant.since = at  # would have begun later: it never holds
            grant.until = at
            continue
        revoke_role(session, actor, grant.id, at=at)
    record(session, actor, "colleague_left", f"person:{person_id}", at=at, moved=sum(moved.values()))
    for colleague_id, count in moved.items():
        colleague = load(session, Person, colleague_id)
        recipient = Recipient(colleague.id, colleague.phone, colleague.locale)
        tell(session, recipient, "work_taken_over", {"count": count}, at=at, about=f"person:{person_id}")
    return sum(moved.values())


def _must_let_go(session: Session, actor: Actor, person: Person, at: datetime) -> None:
    """Whoever hands somebody's work over must manage every role that this person has now or will have."""
    if person.id == actor.user_id:
        raise Conflict("own_role", N_("Somebody else must change your own roles."))
    grants = _letting_go(session, person.id, at)
    if not grants:
        must_manage(session, actor, person, at=at)
    for grant in grants:
        actor.must(Permission.PEOPLE_MANAGE, at=grant.site.path)
        if not actor.may_give(grant.role, at=grant.site.path):
            raise Forbidden(Permission.PEOPLE_MANAGE.value)


def _letting_go(session: Session, person_id: int, at: datetime) -> Sequence[RoleGrant]:
    """The staff roles that hold now or will: a volunteer stays a volunteer."""
    found = select(RoleGrant).options(joinedload(RoleGrant.site)).where(RoleGrant.person_id == person_id)
    living = found.where(RoleGrant.role.in_(STAFF), or_(RoleGrant.until.is_(None), RoleGrant.until > at))
    return session.scalars(living.order_by(RoleGrant.id)).all()


def _colleagues(session: Session, but: int, at: datetime) -> list[Colleague]:
    """Everybody else who works somewhere, by name."""
    rows = session.execute(
        select(Person, RoleGrant.role, Site.path)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Site, Site.id == RoleGrant.site_id)
        .where(
            Person.id != but,
            Person.disabled_at.is_(None),
            RoleGrant.role.in_(STAFF),
            RoleGrant.since <= at,
            or_(RoleGrant.until.is_(None), RoleGrant.until > at),
        )
        .order_by(Person.search, Person.id)
    ).all()
    grants: dict[int, set[tuple[object, str]]] = {}
    people: dict[int, Person] = {}
    for person, role, path in rows:
        people[person.id] = person
        grants.setdefault(person.id, set()).add((role, path))
    return [Colleague(one, Actor(one.id, frozenset(grants[one.id]), name=one.name)) for one in people.values()]  # type: ignore[arg-type]


def _posts(session: Session, actor: Actor, person: Person, others: list[Colleague], at: datetime) -> list[Item]:
    """Roles of this person that nobody else would have at that very place or above it."""
    paths = actor.scopes(Permission.PEOPLE_MANAGE)
    near = tuple(
        one.choice
        for one in others
        if one.person.id != actor.user_id and any(path.startswith(paths) for _role, path in one.actor.grants)
    )
    there = {grant for one in others for grant in one.actor.grants}
    return [
        Item(Kind.POST, grant.id, grant.role.value, grant.site.path, (*near, (EMPTY, "")))
        for grant in held(session, person.id, at)
        if grant.role in STAFF and not any(grant.role is role and grant.site.path.startswith(path) for role, path in there)
    ]


def _held(session: Session, person_id: int, at: datetime) -> Sequence[ServiceOrder]:
    found = select(ServiceOrder).join(Hold, Hold.order_id == ServiceOrder.id).where(Hold.person_id == person_id, Hold.until > at)
    return session.scalars(found.order_by(ServiceOrder.id)).all()


def _taken(session: Session, person_id: int) -> Sequence[ServiceOrder]:
    mine = (ServiceOrder.placed_by == person_id, ServiceOrder.resident_id != person_id, ServiceOrder.status.in_(OPEN))
    return session.scalars(select(ServiceOrder).where(*mine).order_by(ServiceOrder.id)).all()


def _standing(session: Session, person_id: int) -> Sequence[StandingOrder]:
    mine = (StandingOrder.made_by == person_id, StandingOrder.resident_id != person_id)
    found = select(StandingOrder).options(joinedload(StandingOrder.item)).where(*mine, StandingOrder.state != StandingState.ENDED)
    return session.scalars(found.order_by(StandingOrder.id)).all()


def _cases(session: Session, person_id: int) -> Sequence[Case]:
    return session.scalars(select(Case).where(Case.taken_by == person_id, Case.status.in_(AT_WORK)).order_by(Case.id)).all()


def _teams(session: Session, actor: Actor, person_id: int, at: datetime) -> list[Item]:
    led = (Membership.volunteer_id == person_id, Membership.role == MemberRole.LEADER)
    now = (Membership.since <= at, or_(Membership.until.is_(None), Membership.until > at), Team.closed_at.is_(None))
    items = []
    for team in session.scalars(select(Team).join(Membership, Membership.team_id == Team.id).where(*led, *now).order_by(Team.id)):
        choices: list[tuple[str, str]] = [(STAY, "")]
        if actor.can(Permission.TEAMS_MANAGE, at=team.site_path):
            members = [one for one in members_of(session, team.id, at=at) if one.volunteer_id != person_id]
            choices = [(str(one.volunteer_id), one.volunteer.person.name) for one in members] + choices
        items.append(Item(Kind.TEAM, team.id, team.name, team.site_path, tuple(choices)))
    return items


def _invitations(session: Session, person_id: int, at: datetime) -> Sequence[Invitation]:
    open_ones = (Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > at)
    found = select(Invitation).options(joinedload(Invitation.site)).where(Invitation.made_by == person_id, *open_ones)
    return session.scalars(found.order_by(Invitation.id)).all()


Move = Callable[[Session, Actor, Item, Person, datetime], None]


def _move_post(session: Session, actor: Actor, item: Item, to: Person, at: datetime) -> None:
    grant = load(session, RoleGrant, item.number)
    grant_role(session, actor, to.id, grant.role, grant.site, at=at)


def _move_hold(session: Session, actor: Actor, item: Item, to: Person, at: datetime) -> None:
    load(session, ServiceOrder, item.number).hold.person_id = to.id  # type: ignore[union-attr]


def _move_order(session: Session, actor: Actor, item: Item, to: Person, at: datetime) -> None:
    order = lock(session, ServiceOrder, item.number)
    order.placed_by = to.id  # who asked first stays in the diary
    order.write_down("handed_on", actor, at, note=to.name)


def _move_standing(session: Session, actor: Actor, item: Item, to: Person, at: datetime) -> None:
    lock(session, StandingOrder, item.number).made_by = to.id


def _move_case(session: Session, actor: Actor, item: Item, to: Person, at: datetime) -> None:
    case = lock(session, Case, item.number)
    case.taken_by = to.id
    case.write_down("handed_on", actor, at, note=to.name)


def _move_team(session: Session, actor: Actor, item: Item, to: Person, at: datetime) -> None:
    appoint_leader(session, actor, item.number, to.id, agreed=True, at=at)


def _move_invitation(session: Session, actor: Actor, item: Item, to: Person, at: datetime) -> None:
    load(session, Invitation, item.number).made_by = to.id


MOVES: dict[Kind, Move] = {
    Kind.POST: _move_post,
    Kind.HOLD: _move_hold,
    Kind.ORDER: _move_order,
    Kind.STANDING: _move_standing,
    Kind.CASE: _move_case,
    Kind.TEAM: _move_team,
    Kind.INVITATION: _move_invitation,
}
