"""Whom an order's news go to: the resident who waits, the leaders of teams that are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from volunteer.access import Role
from volunteer.accounts.holders import holders
from volunteer.kernel.clock import zone_of
from volunteer.kernel.words import ENGLISH, named
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders.models import ServiceOrder, Visitor, WhenKind
from volunteer.orders.parts.models_joining import Joined
from volunteer.orders.reasons import in_language
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.places.models import Site
from volunteer.teams.queries import leaders_of

ANY_TIME = {"zh_Hans": "时间都行", ENGLISH: "any time"}
OWN_WORDS = {"zh_Hans": "自己写的需求", ENGLISH: "a request in free words"}
TODAY = {"zh_Hans": "尽快", ENGLISH: "as soon as possible"}


def tell_leaders(
    session: Session, team_ids: Iterable[int], template: str, params: Mapping[str, Any], order: ServiceOrder, *, at: datetime
) -> None:
    """Tell the leaders and deputies of the teams."""
    ids = list(team_ids)
    for leader in leaders_of(session, ids, at=at) if ids else ():
        person = leader.person
        tell(session, Recipient(person.id, person.phone, person.locale), template, params, at=at, about=f"order:{order.id}")


def tell_team_leaders(session: Session, order: ServiceOrder, template: str, *, at: datetime) -> None:
    """Tell the leaders and deputies of the team that has the order."""
    if order.team_id is not None:
        for leader in leaders_of(session, [order.team_id], at=at):
            person = leader.person
            params = _visit_params(session, order, person.locale)
            tell(session, Recipient(person.id, person.phone, person.locale), template, params, at=at, about=f"order:{order.id}")


def tell_member(session: Session, order: ServiceOrder, visitor: Visitor, template: str, *, at: datetime, **params: Any) -> None:
    """Tell one who goes, stands by or is asked; nothing private is in it."""
    person = visitor.volunteer.person
    values = _visit_params(session, order, person.locale) | params
    tell(session, Recipient(person.id, person.phone, person.locale), template, values, at=at, about=f"order:{order.id}")


def tell_crew(session: Session, order: ServiceOrder, template: str, *, at: datetime, but: int | None = None) -> None:
    """Tell everybody who goes, stands by or was asked, but for the one who did it."""
    told = {VisitorState.GOING, VisitorState.STANDBY, VisitorState.ASKED}
    for visitor in order.crew:
        if visitor.state in told and visitor.volunteer_id != but:
            tell_member(session, order, visitor, template, at=at)


def _visit_params(session: Session, order: ServiceOrder, locale: str) -> dict[str, Any]:
    return {
        "number": order.number,
        "item": named(order.item, locale) if order.item else order.number,
        "place": order.place or named(order.site, locale),
        "when": stamp(order.visit_begins, zone_of(session)) if order.visit_begins else "",
    }


def tell_leaders_of_offer(
    session: Session, team_ids: Iterable[int], order: ServiceOrder, until: datetime, zone: ZoneInfo, *, at: datetime
) -> None:
    """Tell the leaders of the teams that an order waits for their answer; nothing private is in it."""
    for leader in leaders_of(session, list(team_ids), at=at):
        person = leader.person
        params = {
            "item": named(order.item, person.locale) if order.item else "",
            "place": order.place or named(order.site, person.locale),
            "when": when_words(order, person.locale, zone),
            "until": stamp(until, zone),
        }
        recipient = Recipient(person.id, person.phone, person.locale)
        tell(session, recipient, "offer_made", params, at=at, about=f"order:{order.id}")


def tell_of_pool(session: Session, team_ids: Iterable[int], order: ServiceOrder, until: datetime, *, at: datetime) -> None:
    """Tell leaders, in their inboxes only, that the pool holds something for them; nothing private is in it."""
    zone = zone_of(session)
    for leader in leaders_of(session, list(team_ids), at=at):
        person = leader.person
        params = {
            "item": named(order.item, person.locale) if order.item else "",
            "place": order.place or named(order.site, person.locale),
            "until": stamp(until, zone),
        }
        tell(session, Recipient(person.id, locale=person.locale), "pool_open", params, at=at, about=f"order:{order.id}")


def tell_desk(session: Session, order: ServiceOrder, reason: str, template: str = "order_escalated", *, at: datetime) -> None:
    """Tell the dispatchers of the order's desk that it has come to them."""
    tell_dispatchers(session, order.desk, order, template, at=at, reason=reason)


def tell_dispatchers(session: Session, desk: Site, order: ServiceOrder, template: str, *, at: datetime, reason: str = "") -> None:
    """Tell the dispatchers of a desk about an order."""
    for person in holders(session, (Role.DISPATCHER,), (desk.id,), at=at):
        params = {"number": order.number, "reason": in_language(reason, person.locale)}
        tell(session, Recipient(person.id, locale=person.locale), template, params, at=at, about=f"order:{order.id}")


def tell_resident(session: Session, order: ServiceOrder, template: str, *, at: datetime, **params: Any) -> None:
    """Tell whoever waits for the service, by the phone that the order names, and whoever asked for them."""
    for recipient in those_who_wait(order):
        values = {"number": known_as(order, recipient.locale), **params}
        tell(session, recipient, template, values, at=at, about=f"order:{order.id}")
    tell_followers(session, order, template, at=at, **params)


FOLLOWED = {  # what households that joined hear, of all that the resident hears
    "order_verified": "order_verified",
    "order_in_parts": "order_in_parts",
    "order_taken": "order_taken",
    "order_accepted": "order_accepted",
    "team_set_out": "team_set_out",
    "order_unmet": "joined_unmet",
    "order_rejected": "joined_over",
    "order_withdrawn": "joined_over",
    "order_served": "joined_served",
}


def tell_followers(session: Session, order: ServiceOrder, template: str, *, at: datetime, **params: Any) -> None:
    """Tell the households that joined an order how it goes; reasons were written for somebody else."""
    if template not in FOLLOWED:
        return
    told = {name: value for name, value in params.items() if name != "reason"}
    for joined in (order.part_of or order).joined:
        if joined.left_at is None and not joined.resident.is_forgotten:
            recipient = follower(joined)
            values = {"number": known_as(order, recipient.locale), **told}
            tell(session, recipient, FOLLOWED[template], values, at=at, about=f"order:{order.id}")


def follower(joined: Joined) -> Recipient:
    """Return where the news of an order go for a household that joined it."""
    return Recipient(joined.resident_id, joined.phone, joined.resident.locale)


def joined_link(session: Session, joined: Joined) -> str:
    """Return the address of a joined household's own page."""
    home = str(session.info.get("public_url", "")).rstrip("/")
    return f"{home}/j/{joined.secret}"


def known_as(order: ServiceOrder, locale: str) -> str:
    """Return the number under which the resident knows an order: of a part the whole's, with what the part is."""
    if order.part_of is None or order.item is None:
        return order.number
    return f"{order.part_of.number} · {named(order.item, locale)}"


def those_who_wait(order: ServiceOrder) -> list[Recipient]:
    """Return the resident and, while the consent holds, the helper: the phone that the order names is then the helper's."""
    person, care = order.resident, order.care
    if care is None or care.ended_at is not None:
        return [Recipient(order.resident_id or person.id, order.phone, person.locale)]
    own = person.phone if person.phone != order.phone else None
    return [Recipient(care.helper_id, order.phone, care.helper.locale), Recipient(person.id, own, person.locale)]


def tell_new_link(session: Session, order: ServiceOrder, *, at: datetime) -> None:
    """Send the resident the link and the code that replace the old ones."""
    secret = {"code": order.code or "", "link": link_of(session, order)}
    recipient = Recipient(order.resident_id, order.phone, order.resident.locale)
    tell(session, recipient, "order_new_link", {"number": order.number}, at=at, secret=secret, about=f"order:{order.id}")


def tell_placed(session: Session, order: ServiceOrder, *, at: datetime) -> None:
    """Send number, code and link to the phone that was named, and tell the staff of the place that an order waits."""
    zone = zone_of(session)
    by = stamp(order.due_at, zone) if order.due_at else ""
    secret = {"code": order.code or "", "link": link_of(session, order)}
    params = {"number": order.number, "by": by}
    for recipient in those_who_wait(order):
        tell(session, recipient, "order_placed", params, at=at, secret=secret, about=f"order:{order.id}")
    tell_staff(session, order, "order_arrived", at=at, by=by)


def ask_to_rate(session: Session, order: ServiceOrder, *, at: datetime) -> None:
    """Send the link under which the resident says how it was; the link is a secret. Who joined hears that it is done."""
    tell_followers(session, order, "order_served", at=at)
    secret = {"link": link_of(session, order)}
    for recipient in those_who_wait(order):
        tell(session, recipient, "please_rate", {"number": order.number}, at=at, secret=secret, about=f"order:{order.id}")


def tell_staff(session: Session, order: ServiceOrder, template: str, *, at: datetime, **params: Any) -> None:
    """Tell the clerks and dispatchers of the order's station and desk, in their inboxes."""
    for person in holders(session, (Role.CLERK, Role.DISPATCHER), {order.site.id, order.desk.id}, at=at):
        item = named(order.item, person.locale) if order.item else OWN_WORDS[ENGLISH if person.locale == ENGLISH else "zh_Hans"]
        values = {"number": order.number, "item": item, "place": named(order.site, person.locale), **params}
        tell(session, Recipient(person.id, locale=person.locale), template, values, at=at, about=f"order:{order.id}")


def link_of(session: Session, order: ServiceOrder) -> str:
    """Return the whole address of the resident's page."""
    home = str(session.info.get("public_url", "")).rstrip("/")
    if order.part_of is not None:
        return f"{home}/o/{order.part_of.secret}.{order.part_number}"
    return f"{home}/o/{order.secret}"


def remind(session: Session, order: ServiceOrder, begins: datetime, *, at: datetime) -> None:
    """Tell those who go, and the resident, that a visit begins soon."""
    people = [visitor.volunteer.person for visitor in order.visitors]
    going = [Recipient(person.id, person.phone, person.locale) for person in people]
    for recipient in [*going, *those_who_wait(order)]:
        params = {
            "item": named(order.item, recipient.locale) if order.item else order.number,
            "place": order.place or named(order.site, recipient.locale),
            "when": stamp(begins, zone_of(session)),
        }
        tell(session, recipient, "visit_soon", params, at=at, about=f"order:{order.id}")


def when_words(order: ServiceOrder, locale: str, zone: ZoneInfo) -> str:
    """Return when the resident would like it, short enough for an SMS."""
    if order.when_kind is WhenKind.WINDOW and order.window_begins and order.window_ends:
        return f"{stamp(order.window_begins, zone)}–{order.window_ends.astimezone(zone):%H:%M}"
    return (TODAY if order.when_kind is WhenKind.SOON else ANY_TIME)[ENGLISH if locale == ENGLISH else "zh_Hans"]


def stamp(at: datetime, zone: ZoneInfo) -> str:
    """Return a local time that reads the same in both languages: "11-21 15:00"."""
    return f"{at.astimezone(zone):%m-%d %H:%M}"
