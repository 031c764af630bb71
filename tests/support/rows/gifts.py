"""Who may use the shop, the till, a shop's own pages, and the pages of those who look after shops."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.everybody import ABROAD, NEXT, County
from tests.support.gifts import a_gift, a_merchant, give_points
from tests.support.rows import IN, Row, Values, all_of_us, because
from volunteer.access import Actor, Role
from volunteer.accounts.models import Person
from volunteer.kernel import serials
from volunteer.kernel.clock import now
from volunteer.places.models import PolicyKind, PolicyRow, Site
from volunteer.rewards.merchants import collecting, refunding, reserving
from volunteer.rewards.merchants.collecting import Shown
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Merchant, MerchantStaff
from volunteer.rewards.merchants.refunding import RefundDraft
from volunteer.web.unit import transaction


def once(_: Values) -> Values:
    return {"once": serials.token()}


def shop(county: County, values: Values) -> Values:
    """A shop of the branch with its person at the till, and a gift; the neighbours' tills are other shops'."""
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, county.station).parent
        _no_limits(session, branch)
        merchant = a_merchant(session, branch)
        session.add(MerchantStaff(merchant_id=merchant.id, person_id=county.ids["merchant"], since=now()))
        gift = a_gift(session, merchant, points=1, asked=1, stock=50)
        for name in ("volunteer", "resident"):
            give_points(session, branch, county.ids[name], 1 + gift.id)
        session.flush()  # the page asks for it
        return {"shop": merchant.id, "merchant_id": merchant.id, "gift_id": gift.id, "version": gift.version, "site": branch.id}


def others_shops(county: County, values: Values) -> Values:
    """Like ``shop``; whoever else is at a till has a shop, too."""
    made = shop(county, values)
    with county.app.app_context(), transaction() as session:
        for place in (NEXT, ABROAD):
            person = session.get_one(Person, county.ids["merchant" + place])
            merchant = a_merchant(session, person.grants[0].site)
            session.add(MerchantStaff(merchant_id=merchant.id, person_id=person.id, since=now()))
    return made


def applied(county: County, values: Values) -> Values:
    """A shop that waits for an answer."""
    made = shop(county, values)
    with county.app.app_context(), transaction() as session:
        session.get_one(Merchant, made["merchant_id"]).status = MerchantStatus.APPLIED
    return made


def on_hold(county: County, values: Values) -> Values:
    """A shop that was suspended."""
    made = shop(county, values)
    with county.app.app_context(), transaction() as session:
        session.get_one(Merchant, made["merchant_id"]).status = MerchantStatus.SUSPENDED
    return made


def reserved(county: County, values: Values) -> Values:
    """The volunteer has reserved a gift."""
    made = others_shops(county, values)
    with county.app.app_context(), transaction() as session:
        who = session.get_one(Person, county.ids["volunteer"])
        actor = Actor(who.id, frozenset({(Role.VOLUNTEER, who.grants[0].site.path)}))
        one = reserving.reserve(session, actor, made["gift_id"], seen=1, at=now())
        return made | {"token": one.token, "redemption_id": one.id, "code": one.code}


def handed(county: County, values: Values) -> Values:
    """… and fetched it."""
    made = reserved(county, values)
    with county.app.app_context(), transaction() as session:
        collecting.collect(session, _till(county, session), Shown(code=made["code"]), at=now())
    return made


def to_take_back(county: County, values: Values) -> Values:
    """… and the shop asks to take it back."""
    made = handed(county, values)
    with county.app.app_context(), transaction() as session:
        wish = refunding.ask(session, _till(county, session), made["redemption_id"], RefundDraft("bad"), at=now())
        return made | {"refund_id": wish.id}


def employed(county: County, values: Values) -> Values:
    """Somebody at the till."""
    made = shop(county, values)
    with county.app.app_context(), transaction() as session:
        staff = session.scalars(select(MerchantStaff).where(MerchantStaff.merchant_id == made["merchant_id"])).one()
        return made | {"staff_id": staff.id}


def _no_limits(session: Session, branch: Site) -> None:
    """Every row reserves for the same few people."""
    mine = (PolicyRow.site_id == branch.id, PolicyRow.kind == PolicyKind.REWARDS)
    if session.scalars(select(PolicyRow).where(*mine)).first() is None:
        values = {"open_most": 0, "per_day": 0}
        session.add(PolicyRow(site_id=branch.id, kind=PolicyKind.REWARDS, valid_from=make.LONG_AGO, values=values, made_at=now()))


def _till(county: County, session: Session) -> Actor:
    who = session.get_one(Person, county.ids["merchant"])
    return Actor(who.id, frozenset({(Role.MERCHANT, who.grants[0].site.path)}), name=who.name)


BUYERS = "resident volunteer"
NOT_YOURS = {"resident" + place: 404 for place in ("", NEXT, ABROAD)}
NEAR = {who + NEXT: IN for who in BUYERS.split()}  # gifts are the whole county's


def a_gift_form(values: Values) -> Values:
    return {
        "once": serials.token(),
        "shop": values["shop"],
        "name": "鸡蛋",
        "asked": "5",
        "stock": "2",
        "version": values["version"],
    }


ROWS: dict[str, Row] = {
    "GET /shop": Row(BUYERS, IN, hides=True),
    "GET /shop/gifts/<int:gift_id>": Row(BUYERS, 404, but=NEAR, extra=shop),
    "POST /shop/gifts/<int:gift_id>/reserve": Row(
        BUYERS, 404, but={"resident_next": 409, "volunteer_next": 409},  # without points
        extra=shop, data=lambda _: {"once": serials.token(), "points": "1"},
    ),
    "GET /shop/reservations": Row(BUYERS, IN, hides=True),
    "GET /shop/reservations/<token>": Row("volunteer", but=NOT_YOURS, extra=reserved),
    "GET /shop/reservations/<token>/now": Row("volunteer", but=NOT_YOURS, extra=reserved),
    "POST /shop/reservations/<token>/let-go": Row("volunteer", but=NOT_YOURS, extra=reserved),
    "GET /shop/photos/<token>": all_of_us(answer=404),  # a photo of an order is no photo of a gift; tests/pages/test_gifts.py shows one
    "GET /till": Row("merchant", IN, extra=others_shops),
    "POST /till": Row("merchant", 422, extra=reserved, data=lambda values: {"code": values["code"]}),
    "POST /till/collect": Row("merchant", 422, extra=reserved, data=lambda values: {"code": values["code"], "once": serials.token()}),
    "GET /merchant": Row("merchant", IN, extra=others_shops),
    "GET /merchant/handed-over": Row("merchant", query=lambda values: {"shop": values["shop"]}, extra=others_shops),
    "GET /merchant/handed-over/<int:redemption_id>": Row("merchant", extra=handed),
    "POST /merchant/handed-over/<int:redemption_id>/refund": Row("merchant", extra=handed, data=lambda _: {"once": serials.token(), "why": "bad"}),
    "POST /merchant/reserved/<int:redemption_id>/withdraw": Row("merchant", extra=reserved, data=because),
    "GET /merchant/gifts/new": Row("merchant", query=lambda values: {"shop": values["shop"]}, extra=others_shops),
    "POST /merchant/gifts/new": Row("merchant", extra=others_shops, data=a_gift_form),
    "GET /merchant/gifts/<int:gift_id>": Row("merchant", extra=others_shops),
    "POST /merchant/gifts/<int:gift_id>": Row("merchant", extra=others_shops, data=a_gift_form),
    "POST /merchant/gifts/<int:gift_id>/stock": Row("merchant", extra=others_shops, data=lambda _: {"once": serials.token(), "stock": "60", "seen": "50"}),
    "POST /merchant/gifts/<int:gift_id>/shelf": Row("merchant", extra=others_shops, data=lambda _: {"active": "no"}),
    "GET /merchant/hours": Row("merchant", query=lambda values: {"shop": values["shop"]}, extra=others_shops),
    "POST /merchant/hours": Row("merchant", extra=others_shops, data=lambda values: {"once": serials.token(), "shop": values["shop"], "opens": "08:00", "closes": "20:00"}),
    "GET /merchant/details": Row("merchant", query=lambda values: {"shop": values["shop"]}, extra=others_shops),
    "POST /merchant/details": Row(
        "merchant", extra=others_shops,
        data=lambda values: {"once": serials.token(), "shop": values["shop"], "address": "新街2号", "contact": "钱春燕", "phone": "13800138000"},
    ),
    "GET /merchants/apply": all_of_us(),
    "POST /merchants/apply": all_of_us(
        extra=shop,
        data=lambda values: {
            "once": serials.token(), "name": "新店", "address": "老街1号", "contact": "周试", "phone": "13800000099", "site": values["site"],
        },
    ),
    "GET /merchants/applied": all_of_us(),
    "GET /manage/merchants": Row("admin", IN, hides=True),
    "GET /manage/merchants/<int:merchant_id>": Row("admin", extra=shop),
    "POST /manage/merchants/<int:merchant_id>/approve": Row("admin", extra=applied, data=lambda values: {"site": values["site"]}),
    "POST /manage/merchants/<int:merchant_id>/refuse": Row("admin", extra=applied, data=because),
    "POST /manage/merchants/<int:merchant_id>/suspend": Row("admin", extra=shop, data=because),
    "POST /manage/merchants/<int:merchant_id>/resume": Row("admin", extra=on_hold),
    "POST /manage/merchants/<int:merchant_id>/invite": Row("admin", extra=shop, data=lambda _: {"once": serials.token(), "name": "钱试"}),
    "POST /manage/merchants/staff/<int:staff_id>/end": Row("admin", extra=employed),
    "POST /manage/merchants/gifts/<int:gift_id>/price": Row("admin", extra=shop, data=lambda _: {"points": "3"}),
    "GET /manage/merchants/refunds": Row("admin", IN, hides=True),
    "POST /manage/merchants/refunds/<int:refund_id>/yes": Row("admin", extra=to_take_back),
    "POST /manage/merchants/refunds/<int:refund_id>/refuse": Row("admin", extra=to_take_back, data=because),
}  # fmt: skip
