"""The routes of the four steps, and what everybody needs around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.support.everybody import ABROAD, NEXT
from tests.support.rows import EVERYBODY, IN, LINK, ROLES, Row, Values, all_of_us, because
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.orders.lifecycle import Status
from volunteer.orders.pages.visits import LOCAL
from volunteer.web.idempotency import once


def visit(order: Status, data: Callable[[Values], Values] = lambda _: {}) -> Row:
    return Row("leader", order=order, data=data)


def board(order: Status, data: Callable[[Values], Values] = lambda _: {}, *, clerk: bool = False) -> Row:
    """On the board a clerk's rights to verify and to see do not count: the order is not on any board of theirs."""
    return Row("dispatcher", order=order, data=data, but={f"clerk{place}": 404 for place in ("", NEXT, ABROAD)} if clerk else {})


def form(values: Values) -> Values:
    return {
        "once": once(), "item": values["item"], "channel": "web", "words": "灯不亮", "site": str(values["site"]), "address": "3幢",
        "when": "soon", "name": "李试", "phone": "13800000001", "consent": "yes", "point.latitude": "", "point.longitude": "",
    }  # fmt: skip


def appointment(values: Values) -> Values:
    """Three days on: today the member has the visits of the other rows."""
    begins = (now() + timedelta(days=3)).astimezone(SHANGHAI).strftime(LOCAL)
    return {"members": [str(values["member"])], "begins": begins, "members_agreed": "yes"}


def roll_call(values: Values) -> Values:
    return {"by": "roll_call", "listed": "yes", "present": [str(values["member"])]}


STATION = "clerk dispatcher"
ROWS: dict[str, Row] = {
    "GET /": LINK,
    "GET /static/<path:filename>": all_of_us(answer=404),
    "GET /healthz": LINK,
    "GET /readyz": LINK,
    "GET /notice": LINK,
    "GET /map.geojson": LINK,
    "POST /language": LINK,
    "POST /elder": LINK,
    "POST /theme": LINK,
    "GET /login": LINK,
    "POST /login": all_of_us(data=lambda _: {"name": "nobody", "password": "wrong one"}, answer=422),
    "GET /login/code": LINK,
    "POST /login/code": all_of_us(data=lambda _: {"phone": "13800000001", "code": "000000"}, answer=422),
    "POST /login/code/send": all_of_us(data=lambda _: {"phone": "13800000001"}),
    "POST /demo/<persona>": all_of_us(answer=404),  # this county is no demo
    "POST /logout": LINK,
    "GET /order/new": LINK,
    "POST /order/new": all_of_us(data=form),
    "GET /order/photos/<name>": LINK,
    "GET /track": LINK,
    "POST /track": all_of_us(data=lambda values: {"number": values["number"], "code": values["code"]}),
    "GET /o/<secret>": LINK,
    "GET /o/<secret>/now": LINK,
    "GET /o/<secret>/qr.svg": all_of_us(Status.UNDER_WAY),
    "GET /o/<secret>/link.svg": LINK,
    "GET /o/<secret>/slip": LINK,
    "GET /o/<secret>/photos/<token>": LINK,
    "GET /o/<secret>/correct": LINK,
    "POST /o/<secret>/correct": all_of_us(data=lambda _: {"address": "5幢"}),
    "POST /o/<secret>/withdraw": LINK,
    "POST /o/<secret>/nudge": LINK,
    "POST /o/<secret>/confirm": all_of_us(Status.SERVED),
    "POST /o/<secret>/rate": all_of_us(Status.SERVED, lambda _: {"stars": "5"}),
    "POST /o/<secret>/reopen": all_of_us(Status.CLOSED),
    "GET /me": Row(EVERYBODY, IN, hides=True),
    "GET /me/messages": Row(EVERYBODY, IN),
    "GET /me/sessions": Row(EVERYBODY, IN),
    "POST /me/sessions/end": Row(EVERYBODY, IN),
    "POST /me/sessions/<int:session_id>/end": Row("volunteer", others=404),
    "GET /me/password": Row(EVERYBODY, IN),
    "POST /me/password": Row(EVERYBODY, 422, but=dict.fromkeys(ROLES, 422)),
    "GET /me/certificate": Row("volunteer", IN, hides=True),
    "POST /me/certificate": Row("volunteer", 409, data=lambda _: {"period": "all", "grades": ["a"], "locale": "zh_Hans"}),
    "GET /me/certificates/<number>.pdf": Row("volunteer"),
    "POST /me/certificates/<number>/replace": Row("volunteer"),
    "GET /verify": LINK,
    "GET /verify/<number>": LINK,
    "POST /verify/<number>/revoke": Row("admin director", data=because),
    "GET /hours": Row("admin", IN, query=lambda _: {}),
    "POST /hours/<int:transfer_id>/take-back": Row("admin", data=lambda _: {"note": "记错了"}),
    "GET /desk": Row(STATION, IN, query=lambda _: {"tab": "all"}, hides=True),
    "GET /desk/orders/<number>": Row(STATION),
    "POST /desk/orders/<number>/details": Row(STATION),
    "POST /desk/orders/<number>/verify": Row(STATION, data=lambda values: {"item": str(values["item_id"])}),
    "POST /desk/orders/<number>/reject": Row(STATION, data=because),
    "POST /desk/orders/<number>/rate": Row(STATION, order=Status.SERVED, data=lambda _: {"stars": "4"}),
    "GET /desk/orders/<number>/slip": Row("clerk", others=403, but={f"dispatcher{place}": 404 for place in ("", NEXT, ABROAD)}),
    "GET /desk/orders/<number>/qr.svg": Row("clerk", others=403, but={f"dispatcher{place}": 404 for place in ("", NEXT, ABROAD)}),
    "GET /desk/orders/<number>/photos/<token>": Row(STATION),
    "GET /board": Row("dispatcher", IN, query=lambda _: {"tab": "placed"}, hides=True),
    "GET /board/rows": Row("dispatcher", IN, query=lambda _: {"tab": "placed"}, hides=True),
    "GET /board/pins": Row("dispatcher", IN, query=lambda _: {"tab": "placed"}, hides=True),
    "GET /board/orders/<number>": board(Status.VERIFIED),
    "GET /board/orders/<number>/live": board(Status.VERIFIED),
    "POST /board/orders/<number>/reveal": board(Status.VERIFIED, clerk=True),
    "POST /board/orders/<number>/verify": board(Status.PLACED, lambda values: {"item": str(values["item_id"])}, clerk=True),
    "POST /board/orders/<number>/reject": board(Status.PLACED, because, clerk=True),
    "POST /board/orders/<number>/offer": board(Status.VERIFIED, lambda values: {"team": str(values["team"])}),
    "POST /board/orders/<number>/recall": board(Status.OFFERED, because),
    "POST /board/orders/<number>/escalate": board(Status.VERIFIED, because),
    "POST /board/orders/<number>/give-up": board(Status.VERIFIED, because),
    "POST /board/orders/<number>/release": board(Status.VERIFIED),
    "GET /inbox": Row("leader", IN, order=Status.OFFERED, hides=True),
    "GET /inbox/rows": Row("leader", IN, order=Status.OFFERED, hides=True),
    "GET /inbox/offers/<int:offer_id>": visit(Status.OFFERED),
    "POST /inbox/offers/<int:offer_id>/accept": visit(Status.OFFERED),
    "POST /inbox/offers/<int:offer_id>/decline": visit(Status.OFFERED, lambda _: {"why": "busy"}),
    "GET /inbox/visits/<number>": visit(Status.ACCEPTED),
    "GET /inbox/visits/<number>/scan": visit(Status.ACCEPTED),
    "GET /inbox/visits/<number>/sheet": visit(Status.ACCEPTED),
    "GET /inbox/visits/<number>/photos/<token>": visit(Status.ACCEPTED),
    "POST /inbox/visits/<number>/members": visit(Status.ACCEPTED, appointment),
    "POST /inbox/visits/<number>/set-out": visit(Status.ACCEPTED),
    "POST /inbox/visits/<number>/arrive": visit(Status.UNDER_WAY, roll_call),
    "POST /inbox/visits/<number>/leave": visit(Status.IN_SERVICE, lambda _: {"by": "roll_call"}),
    "POST /inbox/visits/<number>/record": visit(Status.SERVED, lambda _: {"words": "换好了", "people": "1"}),
    "POST /inbox/visits/<number>/release": visit(Status.ACCEPTED, because),
    "POST /inbox/visits/<number>/nobody-home": visit(Status.UNDER_WAY, because),
    "GET /overview": Row("admin director auditor", IN, hides=True),
    "GET /overview/orders/<number>": Row("clerk dispatcher admin director"),
    "GET /audit": Row("auditor", IN, hides=True),
    "GET /system": Row("it", IN),
    "POST /system/messages/<int:message_id>/again": Row("it", IN),  # a message lies under no site, and names nobody
}
