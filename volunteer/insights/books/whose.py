"""Whose statement is asked for, and whether the reader answers for that person, team or site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, cast, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission, Role
from volunteer.accounts.models import RoleGrant
from volunteer.audit.recording import record
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
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

KINDS = ("person", "team", "site")
SITES_OWN = (":points-expired", ":points-pool")  # beside what a site issues


@dataclass(frozen=True)
class Found:
    """Whose statement it is: the entries, a name in both languages, the place that answers, and how the log names it."""

    whose: statements.Whose
    name: str
    name_en: str
    path: str
    subject: str


def find(session: Session, actor: Actor, kind: str, code: str, unit: Unit) -> Found:
    """Return whose entries ``code`` (a volunteer's number, a team's or a site's code) stands for. Raises NotFound elsewhere."""
    found = {"person": _person, "team": _team, "site": _site}[kind](session, code, unit)
    if found is None or not actor.can(Permission.BOOKS_SEE, at=found.path):
        raise NotFound(kind)
    return found


def look(session: Session, actor: Actor, found: Found, act: str, *, at: datetime) -> None:
    """Write down that somebody read, or took away, what another person has."""
    record(session, actor, act, found.subject, at=at, site_path=found.path, unit=found.whose.unit.value)


def _person(session: Session, code: str, unit: Unit) -> Found | None:
    wanted = select(Volunteer).where(Volunteer.number == code).options(joinedload(Volunteer.site), joinedload(Volunteer.person))
    one = session.scalar(wanted)
    if one is None:
        return None
    return Found(statements.of_owner(session, person(one.id), unit), one.person.name, "", one.site.path, f"person:{one.id}")


def _team(session: Session, code: str, unit: Unit) -> Found | None:
    team = session.scalar(select(Team).where(Team.code == code))
    if team is None:
        return None
    mine = select(literal("order:") + cast(ServiceOrder.id, String)).where(ServiceOrder.team_id == team.id)
    return Found(statements.about(Transfer.about.in_(mine), unit), team.name, team.name_en, team.site_path, f"team:{team.id}")


def _site(session: Session, code: str, unit: Unit) -> Found | None:
    site = session.scalar(select(Site).where(Site.code == code))
    if site is None:
        return None
    mine = Account.owner.startswith(f"site:{site.id}:")
    return Found(statements.of_accounts(session, mine, unit), site.name, site.name_en, site.path, f"site:{site.id}")


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
        "site": _called("site", select(Site.id), *(f":{unit.value}-issued" for unit in Unit), *SITES_OWN),
        "merchant": _called("merchant", merchants, "", ":settled"),
        "redemption": _called("redemption", redemptions.join(Site, Site.id == Merchant.site_id)),
        "partner": _called("partner", partners, ":points-issued", ":points-out"),
        "exchange": _called("exchange", exchanges.join(Site, Site.id == Partner.site_id)),
        "wish": _called("wish", select(SmallWish.id).join(Site, Site.path == SmallWish.site_path)),
    }
    owned = {kind: union_all(*(one.where(here) for one in some)) for kind, some in names.items()}
    owned["person"] = union_all(*(one for part in people_at(paths) for one in _called("person", part)))
    return closing.Reach(owned, under(paths, PointClaim.site_path))


def people_at(paths: Sequence[str]) -> tuple[Select[tuple[int]], Select[tuple[int]]]:
    """Return the two queries of whoever has an account at the sites at or below ``paths``: volunteers, and residents."""
    here = under(paths, Site.path)
    volunteers = select(Volunteer.id).join(Site, Site.id == Volunteer.site_id).where(here)
    residents = select(RoleGrant.person_id).join(Site, Site.id == RoleGrant.site_id).where(here, RoleGrant.role == Role.RESIDENT)
    return volunteers, residents


def _called(kind: str, ids: Select[tuple[int]], *ends: str) -> list[Select[tuple[str]]]:
    """Return the queries of the owners' names that rows of a kind have in the books."""
    (number,) = ids.selected_columns
    return [ids.with_only_columns(literal(f"{kind}:") + cast(number, String) + literal(end)) for end in ends or ("",)]
