"""The routes of speaking up: open to all; a case's own page belongs to whoever holds its link."""

from __future__ import annotations

from tests.support.everybody import County
from tests.support.rows import LINK, Row, Values, all_of_us
from volunteer.access import NOBODY, Actor, Role
from volunteer.feedback import handling
from volunteer.feedback.models import CaseKind, CasePhoto
from volunteer.feedback.opening import CaseDraft, speak
from volunteer.kernel.clock import now
from volunteer.media.models import Photo
from volunteer.orders.models import OrderPhoto
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction


def a_case(county: County, values: Values) -> Values:
    """Somebody said something, with a photo."""
    return _case(county, values, answered=False)


def an_answered_case(county: County, values: Values) -> Values:
    return _case(county, values, answered=True)


def _case(county: County, values: Values, *, answered: bool) -> Values:
    with county.app.app_context(), transaction() as session:
        draft = CaseDraft(
            kind=CaseKind.COMPLAINT, words="来晚了", site_id=county.station, name="李试", phone="13800000077", notice="test"
        )
        case = speak(session, NOBODY, draft, at=now())
        case.photos.append(CasePhoto(photo=_free_photo(session, values)))
        secret = case.secret
        if answered:
            clerk = Actor(county.ids["clerk"], frozenset({(Role.CLERK, case.site_path)}), name="文员")
            handling.answer_case(session, clerk, case.id, "对不起", at=now())
        return {"secret": secret, "case_id": case.id}


def _free_photo(session, values: Values) -> Photo:
    """The photo that hangs on nothing yet, else the order's own taken off it."""
    photo = session.query(Photo).filter_by(token=values["token"]).one()
    session.query(OrderPhoto).filter_by(photo_id=photo.id).delete()
    session.query(CasePhoto).filter_by(photo_id=photo.id).delete()
    return photo


def said(values: Values) -> Values:
    return {"once": once(), "kind": "suggestion", "words": "多几张椅子", "answer": "no", "site": str(values["site"])}


ROWS: dict[str, Row] = {
    "GET /speak": LINK,
    "POST /speak": all_of_us(data=said),
    "GET /speak/photos/<name>": LINK,
    "GET /c/<secret>": all_of_us(extra=a_case),
    "GET /c/<secret>/photos/<token>": all_of_us(extra=a_case),
    "POST /c/<secret>/content": all_of_us(data=lambda _: {"content": "yes"}, extra=an_answered_case),
    "POST /c/<secret>/add": all_of_us(data=lambda _: {"words": "还有一件"}, extra=a_case),
}
