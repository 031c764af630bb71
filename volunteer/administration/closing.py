"""A site closes without leaving anything stranded, and opens again. Nothing is deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.granting import sign_out_everywhere
from volunteer.accounts.models import RoleGrant
from volunteer.accounts.models_entering import Invitation
from volunteer.administration.depending import GO_ALONG, dependents, living_grants, waiting
from volunteer.administration.moving import over, write_down
from volunteer.administration.references import hand_over
from volunteer.audit.recording import record
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import load, lock, unchanged
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.models import ServiceOrder
from volunteer.places.founding import CLOSED_ABOVE
from volunteer.places.models import Grid, Site, SiteLevel, Venue
from volunteer.places.rules import CLOSED_SITE
from volunteer.teams.changing import roster_changed

BELOW_OPEN = N_("There are open sites below. Please move or close them first.")
STRANDED = N_("Open orders, cases, teams or volunteers would be left without a site. Please choose who takes them over.")
SAME_LEVEL = N_("Only an open site of the same level can take over.")


def close_site(
    session: Session, actor: Actor, site_id: int, *, heir_id: int | None = None, seen: int | None = None, at: datetime
) -> Site:
    """Close a site. ``heir_id``: the site that takes over its open orders and cases, teams, volunteers, venues and grids.

    Services of the site close with it, staff roles over it end, invitations to it are withdrawn. Without an heir its
    venues and grids close too. Closing twice is no error. Raises Conflict while something would be left stranded.
    """
    over(actor, load(session, Site, site_id))
    site = _held(session, site_id, heir_id, seen)
    if site.closed_at is not None:
        return site
    if site.level is SiteLevel.CENTRE:
        raise Invalid.field("site", N_("A centre cannot be closed here."))
    found = dependents(session, site, at=at)
    if found.sites.number:
        raise Conflict("sites_below", BELOW_OPEN)
    heir = _heir(session, actor, site, heir_id)
    if heir is None and found.stranded:
        raise Conflict("site_in_use", STRANDED)

    detail: dict[str, Any] = {}
    if heir is not None:
        here = or_(ServiceOrder.site_id == site.id, ServiceOrder.desk_id == site.id)
        write_down(session, actor, here, heir, at)
        detail = {name: count for name, count in hand_over(session, site, heir).items() if count} | {"heir": heir.id}
        along = RoleGrant.site_id == site.id, RoleGrant.role.in_(sorted(GO_ALONG))
        session.execute(update(RoleGrant).where(*along).values(site_id=heir.id))
        roster_changed(session)
    else:
        _set_closed(session, site, (Venue, Grid), None, at)
    _set_closed(session, site, (ServiceItem,), None, at)
    _end_roles(session, actor, site, at)
    session.execute(update(Invitation).where(*waiting(site, at)).values(withdrawn_at=at))
    site.closed_at = at
    record(session, actor, "site_closed", f"site:{site.id}", at=at, site_path=site.path, **detail)
    session.flush()  # what is in hand of the above was changed by statements
    session.expire_all()
    return site


def open_site(session: Session, actor: Actor, site_id: int, *, at: datetime) -> Site:
    """Open a closed site again, with the venues, grids and services that closed with it. What was handed over stays there.

    Raises Invalid while the site above is closed.
    """
    over(actor, load(session, Site, site_id))
    site = lock(session, Site, site_id)
    if site.closed_at is None:
        return site
    if site.parent is not None and site.parent.closed_at is not None:
        raise Invalid.field("parent", CLOSED_ABOVE)
    _set_closed(session, site, (Venue, Grid, ServiceItem), site.closed_at, None)
    site.closed_at = None
    record(session, actor, "site_opened", f"site:{site.id}", at=at, site_path=site.path)
    session.flush()  # what is in hand of the above was changed by statements
    session.expire_all()
    return site


def _held(session: Session, site_id: int, heir_id: int | None, seen: int | None) -> Site:
    """The site as it is now, held with its heir: nobody orders or founds there meanwhile."""
    ids = sorted({site_id, heir_id or site_id})
    session.scalars(select(Site).where(Site.id.in_(ids)).order_by(Site.id).with_for_update(key_share=True)).all()
    return unchanged(session, Site, site_id, seen)


def _heir(session: Session, actor: Actor, site: Site, heir_id: int | None) -> Site | None:
    if heir_id is None:
        return None
    heir = load(session, Site, heir_id)
    actor.must(Permission.PLACES_MANAGE, at=heir.path)
    if heir.closed_at is not None:
        raise Invalid.field("heir", CLOSED_SITE)
    if heir.level is not site.level or heir.id == site.id:
        raise Invalid.field("heir", SAME_LEVEL)
    return heir


def _set_closed(session: Session, site: Site, tables: tuple[Any, ...], was: datetime | None, to: datetime | None) -> None:
    """What closes together opens together: it has the same moment."""
    for table in tables:
        here = table.site_id == site.id, table.closed_at.is_(None) if was is None else table.closed_at == was
        statement = update(table).where(*here).values(closed_at=to, version=table.version + 1)
        session.execute(statement, execution_options={"synchronize_session": False})


def _end_roles(session: Session, actor: Actor, site: Site, at: datetime) -> None:
    for grant in session.scalars(select(RoleGrant).where(*living_grants(site, at))):
        grant.until = at
        if grant.person_id != actor.user_id:
            sign_out_everywhere(session, grant.person_id, at=at)
        record(session, actor, "role_revoked", f"person:{grant.person_id}", at=at, site_path=site.path, role=grant.role.value)
