"""Choosing among the sites that one looks after: options of a select, and the one an address names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.administration.listing import managed_sites
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.kernel.words import named
from volunteer.places.models import Site, SiteLevel
from volunteer.web import locale
from volunteer.web.asked import number_asked
from volunteer.web.identity import current_actor


def site_options(permission: Permission, *, but: int = 0) -> list[Any]:
    """Return the open sites that the reader looks after, grouped by branch, for a select."""
    return grouped(managed_sites(db.session(), current_actor(), permission), but=but)


def grouped(sites: Sequence[Site], *, but: int = 0) -> list[Any]:
    """Return sites as options of a select: each branch is a group with its stations."""
    chosen = locale.chosen()
    names = {site.id: named(site, chosen) for site in sites}
    groups: dict[int | None, list[tuple[int, str]]] = {}
    titles: dict[int | None, str] = {}
    for site in sorted(sites, key=lambda one: (one.level is SiteLevel.STATION, one.path.count("/"), one.code)):
        if site.id == but:
            continue
        own = site.level is not SiteLevel.STATION
        key = site.id if site.level is SiteLevel.BRANCH else (None if own else site.parent_id)
        titles.setdefault(key, names.get(key or 0) or (_("Centre") if own else _("Stations")))
        groups.setdefault(key, []).append((site.id, names[site.id]))
    return [(titles[key], rows) for key, rows in groups.items()]


def asked_site(permission: Permission, name: str = "site") -> Site | None:
    """Return the site that the address names. Raises NotFound when it is not the reader's."""
    number = number_asked(name)
    if not number:
        return None
    site = db.session.get(Site, number)
    if site is None:
        raise NotFound("site")
    current_actor().must(permission, at=site.path)
    return site
