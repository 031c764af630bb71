"""A site moves in the tree: its whole subtree gets new paths, in one transaction; history stays where it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.administration.references import follow_paths
from volunteer.audit.recording import record
from volunteer.feedback.models import Case
from volunteer.kernel.db import load, under
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.lifecycle import OPEN
from volunteer.orders.models import OrderEvent, ServiceOrder
from volunteer.places.founding import BELOW, CLOSED_ABOVE
from volunteer.places.models import Site
from volunteer.teams.changing import roster_changed

CHANGED = N_("Somebody else changed this while you were writing. Please look at it again; nothing of yours was saved.")


class Moved(NamedTuple):
    """What went with a site."""

    site: Site
    sites: int
    orders: int
    teams: int


def move_site(session: Session, actor: Actor, site_id: int, parent_id: int, *, seen: int | None = None, at: datetime) -> Moved:
    """Hang a site, with everything below it, under another one of the same level as before.

    Open orders, teams and cases follow; closed ones stay counted where they were. Open orders that the old site above
    dispatched are dispatched by the new one. Raises Invalid for a place where it cannot hang, Conflict when somebody was faster.
    """
    site, parent = load(session, Site, site_id), load(session, Site, parent_id)
    over(actor, site)
    actor.must(Permission.PLACES_MANAGE, at=parent.path)
    tree = _held(session, site, parent)
    if seen is not None and site.version != seen:
        raise Conflict("changed_meanwhile", CHANGED)
    _check(site, parent)
    if site.parent_id == parent.id:
        return Moved(site, 0, 0, 0)

    old, new = site.path, f"{parent.path}{site.id}/"
    site.parent_id = parent.id
    for row in tree:
        row.path = new + row.path.removeprefix(old)
    session.flush()  # what follows reads the new paths
    session.expire(site, ["parent"])
    changed = follow_paths(session, old, new)
    _new_desks(session, actor, new, parent, at)
    session.expire_all()  # whatever of it is in hand shows the new paths
    roster_changed(session)
    detail = {"from": old, "to": new, "sites": len(tree), "orders": changed["orders"], "teams": changed["teams"]}
    record(session, actor, "site_moved", f"site:{site.id}", at=at, site_path=new, **detail)
    return Moved(site, len(tree), changed["orders"], changed["teams"])


def targets(session: Session, actor: Actor, site: Site) -> Sequence[Site]:
    """Return the open sites under which ``site`` could hang instead, as far as the actor looks after them."""
    levels = [level for level, below in BELOW.items() if below is site.level and level is not None]
    found = select(Site).where(
        Site.level.in_(levels),
        Site.closed_at.is_(None),
        Site.id != (site.parent_id or 0),
        under(actor.scopes(Permission.PLACES_MANAGE), Site.path),
    )
    return session.scalars(found.order_by(Site.path)).all()


def over(actor: Actor, site: Site) -> None:
    """Refuse whoever does not look after the site above: a site is not closed or moved from inside."""
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    above = site.path.removesuffix(f"{site.id}/")
    if site.parent_id is not None and not actor.can(Permission.PLACES_MANAGE, at=above):
        raise Forbidden(Permission.PLACES_MANAGE.value)


def _held(session: Session, site: Site, parent: Site) -> list[Site]:
    """The rows of the subtree as they are now, held with the sites above: nobody founds or orders there meanwhile.

    Level by level, by number: a row that waited for another mover has another path by then, but the same site above.
    """
    _hold(session, Site.id.in_((site.id, parent.id, site.parent_id or 0)))
    tree, level = [site], [site]
    while level := _hold(session, Site.parent_id.in_([row.id for row in level])):
        tree += level
    return tree


def _hold(session: Session, which: ColumnElement[bool]) -> list[Site]:
    rows = select(Site).where(which).order_by(Site.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(session.scalars(rows))


def _check(site: Site, parent: Site) -> None:
    if site.parent_id is None:
        raise Invalid.field("parent", N_("A centre stands at the top; it cannot be moved."))
    if parent.path.startswith(site.path):
        raise Invalid.field("parent", N_("A site cannot lie below itself."))
    if BELOW.get(parent.level) is not site.level:
        raise Invalid.field("parent", N_("A station lies below a branch, a branch below a centre."))
    if parent.closed_at is not None:
        raise Invalid.field("parent", CLOSED_ABOVE)


def _new_desks(session: Session, actor: Actor, below: str, parent: Site, at: datetime) -> None:
    """What the old site above had to dispatch or to answer, the new one does; every open order says so in its diary."""
    above = [int(part) for part in below.strip("/").split("/")]
    inside = select(Site.id).where(Site.path.startswith(below))
    for table, living in ((ServiceOrder, ServiceOrder.status.in_(sorted(OPEN))), (Case, Case.closed_at.is_(None))):
        stray = table.desk_id.not_in(above), table.desk_id.not_in(inside)
        values = {"desk_id": parent.id, "desk_path": parent.path, "version": table.version + 1}
        moved = update(table).where(living, table.site_id.in_(inside), *stray).values(values)
        session.execute(moved, execution_options={"synchronize_session": False})
    write_down(session, actor, ServiceOrder.site_id.in_(inside), parent, at)


def write_down(session: Session, actor: Actor, which: object, site: Site, at: datetime) -> None:
    """Add the line "moved" to the diary of every open order of these."""
    found = select(ServiceOrder.id, ServiceOrder.status).where(which, ServiceOrder.status.in_(sorted(OPEN)))  # type: ignore[arg-type]
    lines = [
        {
            "order_id": order_id, "what": "moved", "from_status": status, "to_status": status, "actor_id": actor.user_id,
            "actor_name": actor.name, "note": site.name, "at": at,
        }
        for order_id, status in session.execute(found).tuples()
    ]  # fmt: skip
    if lines:
        session.execute(insert(OrderEvent), lines)
