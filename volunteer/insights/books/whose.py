"""Whose statement is asked for, and whether the reader answers for that person, team or site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission, Role
from volunteer.accounts.models import RoleGrant
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.audit.recording import record
from volunteer.kernel.db import under
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import closing, statements
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.rules import person
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.rewards.merchants.models import Merchant, Redemption
from volunteer.rewards.partners.models import Exchange, Partner
from volunteer.rewards.points.models import SmallWish
from volunteer.teams.models import Team, Volunteer

KINDS = ("person", "team", "site", "alone")  # "site": with everything below it
SITES_OWN = (":points-expired", ":points-pool")  # beside what a site issues
SITES_ACCOUNTS = (*(f":{unit.value}-issued" for unit in Unit), *SITES_OWN)
MOST = 60  # places to choose from
One = TypeVar("One", Site, Team)


@dataclass(frozen=True)
class Found:
    """Whose statement it is: the entries, number or code, a name in both languages, who answers, how the log names it."""

    whose: statements.Whose
    code: str
    name: str
    name_en: str
    path: str
    subject: str


def find(session: Session, actor: Actor, kind: str, code: str, unit: Unit) -> Found:
    """Return whose entries ``code`` stands for: a volunteer's number, a team's or a site's code or name.

    Raises NotFound for what is elsewhere, Invalid for a name that several of the actor's teams or sites have.
    """
    paths = actor.scopes(Permission.BOOKS_SEE)
    if kind == "person":
        found = _person(session, code, unit)
    elif kind == "team":
        found = _team(session, _called(session, Team, under(paths, Team.site_path), code), unit)
    else:
        found = _site(session, _called(session, Site, under(paths, Site.path), code), unit, below=kind == "site")
    if found is None or not actor.can(Permission.BOOKS_SEE, at=found.path):
        raise NotFound(kind)
    return found


def places(session: Session, actor: Actor) -> Sequence[Site]:
    """Return the places that the actor answers for and those right below them, to choose from."""
    paths = actor.scopes(Permission.BOOKS_SEE)
    top = select(Site.id).where(Site.path.in_(paths))
    here = or_(Site.path.in_(paths), Site.parent_id.in_(top))
    found = session.scalars(select(Site).where(here, Site.closed_at.is_(None)).order_by(Site.id).limit(MOST)).all()
    return sorted(found, key=lambda site: (site.path.count("/"), site.id))


def look(session: Session, actor: Actor, found: Found, act: str, *, at: datetime) -> None:
    """Write down that somebody read, or took away, what another person has."""
    record(session, actor, act, found.subject, at=at, site_path=found.path, unit=found.whose.unit.value)


def _person(session: Session, code: str, unit: Unit) -> Found | None:
    wanted = select(Volunteer).where(Volunteer.number == code).options(joinedload(Volunteer.site), joinedload(Volunteer.person))
    one = session.scalar(wanted)
    if one is None:
        return None
    return Found(
        statements.of_owner(session, person(one.id), unit), one.number, one.person.name, "", one.site.path, f"person:{one.id}"
    )


def _called(session: Session, kind: type[One], mine: ColumnElement[bool], said: str) -> One | None:
    """Return what has that code, else the one of the actor's that has that name in either language."""
    if (one := session.scalar(select(kind).where(kind.code == said))) is not None:
        return one
    name = said.casefold()
    named = select(kind).where(mine, or_(func.lower(kind.name) == name, func.lower(kind.name_en) == name))
    rows = session.scalars(named.order_by(kind.id).limit(2)).all()
    if len(rows) > 1:
        raise Invalid.field("code", N_("Several of your places have this name. Please write the code."))
    return rows[0] if rows else None


def _team(session: Session, team: Team | None, unit: Unit) -> Found | None:
    if team is None:
        return None
    orders = select(literal("order:") + cast(ServiceOrder.id, String)).where(ServiceOrder.team_id == team.id)
    by_hand = select(literal("by_hand:") + cast(HoursAsk.id, String)).where(HoursAsk.team_id == team.id)
    mine = or_(Transfer.about.in_(orders), Transfer.about.in_(by_hand))
    return Found(statements.about(mine, unit), team.code, team.name, team.name_en, team.site_path, f"team:{team.id}")


def _site(session: Session, site: Site | None, unit: Unit, *, below: bool) -> Found | None:
    if site is None:
        return None
    here = under((site.path,), Site.path) if below else Site.id == site.id
    owners = union_all(*(one.where(here) for one in _named("site", select(Site.id), *SITES_ACCOUNTS)))
    whose = statements.of_accounts(session, Account.owner.in_(owners), unit)
    return Found(whose, site.code, site.name, site.name_en, site.path, f"site:{site.id}")


def sums_by_person(session: Session, whose: statements.Whose, since: datetime, until: datetime) -> Sequence[tuple[str, int, int]]:
    """Return owner, entries and sum of every person in a team's statement, the largest first."""
    found = (
        select(statements.TARGET.owner, statements.SOURCE.owner, Transfer.amount, whose.comes_in)
        .select_from(Transfer)
        .join(statements.SOURCE, statements.SOURCE.id == Transfer.source_id)
        .join(statements.TARGET, statements.TARGET.id == Transfer.target_id)
        .where(Transfer.unit == whose.unit, whose.entries, Transfer.at >= since, Transfer.at < until)
    )
    sums: dict[str, list[int]] = {}
    for taker, giver, amount, comes_in in session.execute(found):
        one = sums.setdefault(taker if comes_in else giver, [0, 0])
        one[0] += 1
        one[1] += amount if comes_in else -amount
    return sorted(((owner, count, total) for owner, (count, total) in sums.items()), key=lambda row: (-row[2], row[0]))


def reach_of(paths: Sequence[str]) -> closing.Reach:
    """Return whose accounts belong to the sites at or below ``paths``."""
    here = under(paths, Site.path)
    merchants = select(Merchant.id).join(Site, Site.id == Merchant.site_id)
    partners = select(Partner.id).join(Site, Site.id == Partner.site_id)
    redemptions = select(Redemption.id).join(Merchant, Merchant.id == Redemption.merchant_id)
    exchanges = select(Exchange.id).join(Partner, Partner.id == Exchange.partner_id)
    names = {
        "site": _named("site", select(Site.id), *SITES_ACCOUNTS),
        "merchant": _named("merchant", merchants, "", ":settled"),
        "redemption": _named("redemption", redemptions.join(Site, Site.id == Merchant.site_id)),
        "partner": _named("partner", partners, ":points-issued", ":points-out"),
        "exchange": _named("exchange", exchanges.join(Site, Site.id == Partner.site_id)),
        "wish": _named("wish", select(SmallWish.id).join(Site, Site.path == SmallWish.site_path)),
    }
    owned = {kind: union_all(*(one.where(here) for one in some)) for kind, some in names.items()}
    owned["person"] = union_all(*(one for part in people_at(paths) for one in _named("person", part)))
    return closing.Reach(owned, under(paths, PointClaim.site_path))


def people_at(paths: Sequence[str]) -> tuple[Select[tuple[int]], Select[tuple[int]]]:
    """Return the two queries of whoever has an account at the sites at or below ``paths``: volunteers, and residents."""
    here = under(paths, Site.path)
    volunteers = select(Volunteer.id).join(Site, Site.id == Volunteer.site_id).where(here)
    residents = select(RoleGrant.person_id).join(Site, Site.id == RoleGrant.site_id).where(here, RoleGrant.role == Role.RESIDENT)
    return volunteers, residents


def _named(kind: str, ids: Select[tuple[int]], *ends: str) -> list[Select[tuple[str]]]:
    """Return the queries of the owners' names that rows of a kind have in the books."""
    (number,) = ids.selected_columns
    return [ids.with_only_columns(literal(f"{kind}:") + cast(number, String) + literal(end)) for end in ends or ("",)]
