"""Where what was found is opened: the first page that the reader may open and that this version has."""

from __future__ import annotations

from volunteer.access import Actor, Permission
from volunteer.insights.searching import Hit, Kind
from volunteer.web.context import is_there

P = Permission
DOORS: dict[Kind, tuple[tuple[Permission, str], ...]] = {
    Kind.ORDERS: (
        (P.ORDER_DISPATCH, "/board/orders/{key}"),
        (P.ORDER_VERIFY, "/desk/orders/{key}"),
        (P.ORDER_SEE, "/overview/orders/{key}"),
    ),
    Kind.PEOPLE: ((P.TEAMS_MANAGE, "/manage/volunteers/{person}"), (P.HOURS_CORRECT, "/hours?number={key}")),
    Kind.STAFF: ((P.PEOPLE_MANAGE, "/manage/people/{key}"),),
    Kind.TEAMS: ((P.TEAMS_MANAGE, "/manage/teams/{key}"), (P.STAFF_SEARCH, "/teams/{key}")),
    Kind.SITES: ((P.PLACES_MANAGE, "/manage/sites/{key}"), (P.OVERVIEW_SEE, "/overview?site={key}")),
    Kind.VENUES: ((P.PLACES_MANAGE, "/manage/venues/{key}"),),
    Kind.SERVICES: (
        (P.MENU_MANAGE, "/manage/services/{key}"),
        (P.ORDER_PLACE_FOR_OTHERS, "/order/new?for=caller&item={code}"),
    ),
    Kind.CASES: ((P.CASES_HANDLE, "/cases/{key}"),),
}


def door(actor: Actor, kind: Kind, hit: Hit) -> str | None:
    """Return the address behind which this reader sees the thing; None when there is none for them."""
    for permission, pattern in DOORS[kind]:
        # An order escalated to the centre is on the centre's board: its desk counts beside its place.
        near = hit.paths[-1:] if permission is P.ORDER_DISPATCH else hit.paths[:1]
        allowed = any(actor.can(permission, at=path) for path in near) if near else actor.may(permission)
        if kind is Kind.SERVICES and permission is P.ORDER_PLACE_FOR_OTHERS:
            allowed = actor.may(permission) and not hit.closed
        address = pattern.format(key=hit.key, person=hit.person_id, code=hit.code)
        if allowed and is_there(address.partition("?")[0]):
            return address
    return None
