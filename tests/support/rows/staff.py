"""Second factor, staff and their roles, invitations, new passwords, handing over, one's own account."""

from __future__ import annotations

from itertools import count

from sqlalchemy import delete, select

from tests.support import builders as make
from tests.support.everybody import County
from tests.support.rows import EVERYBODY, IN, LINK, ROLES, Row, Values, all_of_us
from volunteer.access import SYSTEM, Role
from volunteer.accounts import inviting, resetting
from volunteer.accounts.inviting import InvitationDraft
from volunteer.accounts.models import Person, RoleGrant
from volunteer.accounts.models_entering import SecondFactor
from volunteer.kernel.clock import now
from volunteer.places.models import Site
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

NUMBERS = count(1)
MANAGERS = "admin it"


def nobody_has_one(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        session.execute(delete(SecondFactor))
    return {}


def refused(answer: int, **more) -> Row:
    """A page of everybody's own account that wants something which nobody here has."""
    return Row(EVERYBODY, answer, but=dict.fromkeys(ROLES, answer), extra=nobody_has_one, **more)


def colleague(county: County, values: Values) -> Values:
    """A clerk of the station, who logs in by name, and one grant of theirs."""
    with county.app.app_context(), transaction() as session:
        person = session.get_one(Person, make.staff(session, Role.CLERK, session.get_one(Site, county.station)).user_id)
        person.login_name = f"clerk{next(NUMBERS)}"
        person.password_hash = "x"
        grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).one()
        return {"person_id": person.id, "grant_id": grant.id}


def invitation(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        draft = InvitationDraft("新来的", Role.CLERK, county.station)
        made, link = inviting.invite(session, SYSTEM, draft, at=now())
        return {"invitation_id": made.id, "token": link.rsplit("/", 1)[1]}


def reset_link(county: County, values: Values) -> Values:
    known = colleague(county, values)
    with county.app.app_context(), transaction() as session:
        return {"token": resetting.make_link(session, SYSTEM, known["person_id"], at=now()).rsplit("/", 1)[1]}


def of_staff(**more) -> Row:
    """Something about one colleague, for who looks after that place."""
    return Row(MANAGERS, extra=colleague, **more)


def an_invitation(values: Values) -> Values:
    return {"once": once(), "name": "新来的", "role": "clerk", "site": str(values["site"])}


def a_role(values: Values) -> Values:
    return {"role": "dispatcher", "site": str(values["site"])}


ROWS: dict[str, Row] = {
    "GET /login/second": LINK,  # nothing waits: sent on to the first door
    "POST /login/second": all_of_us(data=lambda _: {"code": "000000"}),
    "GET /me/second-factor": Row(EVERYBODY, IN),
    "GET /me/second-factor/qr.svg": refused(404),
    "POST /me/second-factor/begin": Row(EVERYBODY, IN, extra=nobody_has_one),
    "POST /me/second-factor/confirm": Row(EVERYBODY, IN, extra=nobody_has_one),  # nothing begun: sent back to the page
    "POST /me/second-factor/codes": refused(422),
    "POST /me/second-factor/off": refused(422),
    "GET /me/logins": Row(EVERYBODY, IN),
    "GET /me/data": Row(EVERYBODY, IN),
    "POST /me/data": Row(EVERYBODY, IN),
    "POST /me/data/forget": refused(422),  # the tick is missing
    "GET /invited/<token>": all_of_us(extra=invitation),
    "POST /invited/<token>": all_of_us(answer=422, extra=invitation),
    "POST /invited/<token>/join": Row(EVERYBODY, 409, but=dict.fromkeys(ROLES, 409), extra=invitation),  # nobody has a password
    "GET /reset/<token>": all_of_us(extra=reset_link),
    "POST /reset/<token>": all_of_us(answer=422, extra=reset_link),
    "GET /login/forgot": LINK,
    "POST /login/forgot": all_of_us(data=lambda _: {"name": "zhou", "phone": "13800000001"}),
    "POST /login/forgot/new": all_of_us(answer=422),
    "GET /manage/people": Row(MANAGERS, IN),
    "GET /manage/people/invite": Row(MANAGERS, IN),
    "POST /manage/people/invite": Row(MANAGERS, 422, data=an_invitation),  # elsewhere: no site of theirs
    "GET /manage/people/invitations/<int:invitation_id>": Row(MANAGERS, extra=invitation),
    "POST /manage/people/invitations/<int:invitation_id>/renew": Row(MANAGERS, extra=invitation),
    "POST /manage/people/invitations/<int:invitation_id>/withdraw": Row(MANAGERS, extra=invitation),
    "GET /manage/people/<int:person_id>": of_staff(),
    "POST /manage/people/<int:person_id>/grants": of_staff(data=a_role),
    "POST /manage/people/<int:person_id>/grants/<int:grant_id>/until": of_staff(data=lambda _: {"until": "2199-12-31"}),
    "POST /manage/people/<int:person_id>/grants/<int:grant_id>/end": of_staff(),
    "POST /manage/people/<int:person_id>/password-link": of_staff(),
    "POST /manage/people/<int:person_id>/second-factor/reset": of_staff(),
    "POST /manage/people/<int:person_id>/disable": of_staff(),
    "POST /manage/people/<int:person_id>/enable": of_staff(),
    "POST /manage/people/<int:person_id>/unlock": of_staff(),
    "GET /manage/people/<int:person_id>/hand-over": of_staff(),
    "POST /manage/people/<int:person_id>/hand-over": of_staff(data=lambda values: {f"to.post-{values['grant_id']}": "empty"}),
}
