"""The address book: places of one's own, kept, changed and really removed; choosing one saves typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.orders.households.models_household import SavedPlace
from volunteer.orders.placing import LONGEST_ADDRESS, PLEASE_CHECK, TOO_LONG
from volunteer.places.gazetteer import locate
from volunteer.places.models import Site

LONGEST_LABEL = 20
MOST = 20


@dataclass(frozen=True, kw_only=True)
class PlaceDraft:
    """A place as somebody calls it. ``point`` is WGS-84; without one the village, or its name in the address, decides."""

    label: str
    address: str = ""
    point: Point | None = None
    site_id: int | None = None


def places_of(session: Session, person_id: int) -> Sequence[SavedPlace]:
    """Return somebody's places, the first kept first."""
    found = select(SavedPlace).options(joinedload(SavedPlace.person), joinedload(SavedPlace.site).defer(Site.area))
    return session.scalars(found.where(SavedPlace.person_id == person_id).order_by(SavedPlace.id)).all()


def own_place(session: Session, actor: Actor, place_id: int) -> SavedPlace:
    """Return one of the actor's own places. Raises NotFound for anybody else's."""
    place = session.get(SavedPlace, place_id)
    if place is None or actor.user_id is None or place.person_id != actor.user_id:
        raise NotFound("place")
    return place


def keep_place(session: Session, actor: Actor, draft: PlaceDraft, *, place_id: int | None = None, at: datetime) -> SavedPlace:
    """Keep a new place, or change one. Raises Invalid with every complaint, Conflict for too many, NotFound for another's."""
    place = own_place(session, actor, place_id) if place_id is not None else None
    if actor.user_id is None:
        raise NotFound("place")
    label, door = draft.label.strip(), draft.address.strip()
    wrong = {
        name: [TOO_LONG]
        for name, text, most in (("label", label, LONGEST_LABEL), ("address", door, LONGEST_ADDRESS))
        if len(text) > most
    }
    if not label:
        wrong["label"] = [N_("What do you call this place? “Home” is enough.")]
    try:
        located = locate(session, point=draft.point, site_id=draft.site_id, address=draft.address)
    except Invalid as error:
        raise Invalid("place_invalid", PLEASE_CHECK, wrong | error.fields) from None
    if wrong:
        raise Invalid("place_invalid", PLEASE_CHECK, wrong)
    if place is None:
        known = places_of(session, actor.user_id)
        if twin := [one for one in known if (one.label, one.door or "") == (label, door)]:
            return twin[0]
        if len(known) >= MOST:
            raise Conflict("too_many_places", N_("That is many places. Please remove one first."))
        place = SavedPlace(person=load(session, Person, actor.user_id), kept_at=at)
        session.add(place)
    place.label, place.door, place.site = label, door, located.site
    place.latitude, place.longitude = located.point.latitude, located.point.longitude
    session.flush()  # its id is in the address that comes next
    return place


def remove_place(session: Session, actor: Actor, place_id: int) -> None:
    """Remove one of one's own places for good: nothing of it stays."""
    session.delete(own_place(session, actor, place_id))
