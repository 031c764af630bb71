"""Who handles cases, decides about held words, answers for a team, and asks for a caller whether it is really solved."""

from __future__ import annotations

from tests.support.cases import ask_about, case_about, held_words
from tests.support.everybody import County
from tests.support.rows import Row, Values
from volunteer.feedback.models import CaseKind
from volunteer.orders.lifecycle import Status
from volunteer.places.models import Site
from volunteer.web.unit import transaction

HANDLERS = "clerk dispatcher admin director"


def a_case(kind: CaseKind = CaseKind.COMPLAINT, **wanted: bool):
    """Something was said about the order."""

    def make(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            site, photo = session.get_one(Site, county.station), county._photo(session)
            case = case_about(session, site, values["order_id"], kind, county.team, photos=(photo,), **wanted)
            return {"number": case.number, "token": photo.token}

    return make


def an_ask(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        case = case_about(session, session.get_one(Site, county.station), values["order_id"], CaseKind.COMPLAINT, county.team)
        return {"ask_id": ask_about(session, case, county.team).id}


def held(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        held_words(session, values["order_id"])
        return {}


def handled(kind: CaseKind = CaseKind.COMPLAINT, wants_answer: bool = True, **data: str) -> Row:
    return Row(HANDLERS, order=Status.CLOSED, extra=a_case(kind, wants_answer=wants_answer), data=lambda _: data)


ROWS: dict[str, Row] = {
    "GET /cases": Row(HANDLERS, 0, hides=True),
    "GET /cases/<number>": handled(),
    "GET /cases/<number>/photos/<token>": handled(),
    "POST /cases/<number>/details": handled(),
    "POST /cases/<number>/take": handled(),
    "POST /cases/<number>/call": handled(reached="yes", call="聊过了"),
    "POST /cases/<number>/ask": handled(shown="当天几点到的？"),
    "POST /cases/<number>/answer": handled(answer="已经和队伍谈过"),
    "POST /cases/<number>/close": handled(CaseKind.SUGGESTION, wants_answer=False, outcome="已转给队伍"),
    "POST /cases/<number>/up": handled(reason="本所解决不了"),
    "POST /cases/<number>/pass-on": handled(CaseKind.PRAISE),
    "GET /cases/words": Row(HANDLERS, 0, hides=True, order=Status.CLOSED, extra=held),
    "GET /cases/words/<number>": Row(HANDLERS, order=Status.CLOSED, extra=held),
    "POST /cases/words/<number>": Row(
        HANDLERS, order=Status.CLOSED, extra=held, data=lambda _: {"decision": "hidden", "reason": "有电话"}
    ),
    "GET /inbox/asks/<int:ask_id>": Row("leader", order=Status.CLOSED, extra=an_ask),
    "POST /inbox/asks/<int:ask_id>": Row(
        "leader", order=Status.CLOSED, extra=an_ask, data=lambda _: {"words": "路上堵车，晚到十分钟"}
    ),
    "POST /desk/orders/<number>/solved": Row("clerk dispatcher", order=Status.CLOSED, data=lambda _: {"solved": "yes"}),
}
