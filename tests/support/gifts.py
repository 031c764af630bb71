"""A county with a shop, gifts, and somebody with points, for tests of rewards."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tests.support import builders as make
from volunteer.access import Actor, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.ledger import book
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.places.models import Site
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Gift, Merchant, MerchantStaff


def a_merchant(session: Session, site: Site, name: str = "便民超市·试", **values: object) -> Merchant:
    """A shop that was let in."""
    merchant = Merchant(
        name=name, name_en="Corner shop", address="鲈乡路1号", site_id=site.id, site_path=site.path, latitude=site.latitude,
        longitude=site.longitude, closed_days=[], applied_at=make.LONG_AGO, **{"status": MerchantStatus.APPROVED} | values,
    )  # fmt: skip
    merchant.wrapped_key = session.info["keyring"].new_data_key(merchant.uid)
    session.add(merchant)
    session.flush()  # the id is wanted
    return merchant


def at_the_till(session: Session, merchant: Merchant, name: str = "钱试") -> Actor:
    """Somebody who stands at its till, stored and as an actor."""
    one = make.staff(session, Role.MERCHANT, merchant.site, name)
    session.add(MerchantStaff(merchant_id=merchant.id, person_id=one.user_id, since=make.LONG_AGO))
    session.flush()  # asked for at once
    return one


def a_gift(session: Session, merchant: Merchant, **values: object) -> Gift:
    """A gift in the shop."""
    fields = {"name": "鸡蛋一盒", "name_en": "Eggs", "asked": 40, "points": 40, "stock": 5, "made_at": make.LONG_AGO} | values
    gift = Gift(merchant_id=merchant.id, **fields)
    session.add(gift)
    session.flush()  # the id is wanted
    return gift


def with_points(session: Session, site: Site, points: int, name: str = "陈试") -> Actor:
    """A volunteer with points, stored and as an actor."""
    volunteer = make.a_volunteer(session, site, name)
    session.add(RoleGrant(person_id=volunteer.id, role=Role.VOLUNTEER, site_id=site.id, since=make.LONG_AGO))
    give_points(session, site, volunteer.id, points)
    return make.an_actor(session.get_one(Person, volunteer.id), (Role.VOLUNTEER, site))


def give_points(session: Session, site: Site, person_id: int, points: int) -> None:
    """Put points on somebody's account, as if they had earned them."""
    if points:
        book.move(session, Unit.POINTS, points, source=issued_by(site.id, Unit.POINTS), target=person(person_id),
                  reason="points_service", key=f"test:{person_id}:{points}", at=make.LONG_AGO)  # fmt: skip


@dataclass(frozen=True)
class Street:
    """One shop with one gift, somebody at its till, somebody with points, and the site's administrator."""

    centre: Site
    branch: Site
    station: Site
    merchant: Merchant
    gift: Gift
    till: Actor
    volunteer: Actor
    admin: Actor


def a_street(session: Session, *, points: int = 100, **gift: object) -> Street:
    """Set it up."""
    centre, branch, station = make.a_county(session)
    merchant = a_merchant(session, branch)
    return Street(
        centre, branch, station, merchant, a_gift(session, merchant, **gift), at_the_till(session, merchant),
        with_points(session, station, points), make.staff(session, Role.SITE_ADMIN, branch, "顾试"),
    )  # fmt: skip
