"""Second factor, staff and their roles, invitations, handing over, one's own account."""

from __future__ import annotations

from sqlalchemy import delete

from tests.support.everybody import County
from tests.support.rows import EVERYBODY, IN, LINK, ROLES, Row, Values, all_of_us
from volunteer.accounts.models_entering import SecondFactor
from volunteer.web.unit import transaction


def nobody_has_one(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        session.execute(delete(SecondFactor))
    return {}


def refused(answer: int, **more) -> Row:
    """A page of everybody's own account that wants something which nobody here has."""
    return Row(EVERYBODY, answer, but=dict.fromkeys(ROLES, answer), extra=nobody_has_one, **more)


ROWS: dict[str, Row] = {
    "GET /login/second": LINK,  # nothing waits: sent on to the first door
    "POST /login/second": all_of_us(data=lambda _: {"code": "000000"}),
    "GET /me/second-factor": Row(EVERYBODY, IN),
    "GET /me/second-factor/qr.svg": refused(404),
    "POST /me/second-factor/begin": Row(EVERYBODY, IN, extra=nobody_has_one),
    "POST /me/second-factor/confirm": Row(EVERYBODY, IN, extra=nobody_has_one),  # nothing begun: sent back to the page
    "POST /me/second-factor/codes": refused(422),
    "POST /me/second-factor/off": refused(422),
}
