"""Which of the reader's sites a page of points is about."""

from __future__ import annotations

from flask import request
from sqlalchemy import func, select

from volunteer.access import Permission
from volunteer.kernel.db import db, under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.words import named
from volunteer.places.models import Site, SiteLevel
from volunteer.web.identity import current_actor
from volunteer.web.locale import chosen

MOST = 1_000
OFFICES = (SiteLevel.CENTRE, SiteLevel.BRANCH)


def options(permission: Permission, *, stations: bool = False) -> list[tuple[int, str]]:
    """Return the open sites where the reader holds ``permission``, for a select; without stations where rules are not made."""
    found = select(Site).where(under(current_actor().scopes(permission), Site.path), Site.closed_at.is_(None))
    if not stations:
        found = found.where(Site.level.in_(OFFICES))
    locale = chosen()
    rows = db.session.scalars(found.order_by(Site.path).limit(MOST)).all()
    return [(site.id, named(site, locale)) for site in rows] or _own(permission)


def asked(permission: Permission, typed: str | None = None) -> Site:
    """Return the site that the address (or ``typed``) names, else the widest of the reader's. Raises NotFound, Forbidden."""
    number = request.args.get("site", "") if typed is None else typed
    if number or typed is not None:
        site = db.session.get(Site, int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
        if site is None:
            raise NotFound("site")
        current_actor().must(permission, at=site.path)
        return site
    scopes = current_actor().scopes(permission)
    widest = select(Site).where(under(scopes, Site.path)).order_by(func.length(Site.path), Site.path).limit(1)
    first = db.session.scalars(widest).first()
    if first is None:
        raise NotFound("site")
    return first


def _own(permission: Permission) -> list[tuple[int, str]]:
    site = asked(permission, None)
    return [(site.id, named(site, chosen()))]
