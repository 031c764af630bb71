"""Who may say 「我来不了」, step in, stand by, miss somebody and decide about it."""

from __future__ import annotations

from datetime import timedelta

from tests.support.everybody import County
from tests.support.rows import Row, Values, all_of_us
from volunteer.kernel.clock import now
from volunteer.orders import serving
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.visits.lifecycle import AbsenceState, VisitorState
from volunteer.orders.visits.models_absences import Absence
from volunteer.teams.models import Membership, Team
from volunteer.web.unit import transaction


def part(state: VisitorState, *, ago: timedelta = timedelta()):
    """The volunteer has this part in the order; ``ago`` moves its time back."""

    def make(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            order = session.get_one(ServiceOrder, values["order_id"])
            until = now() + timedelta(hours=1)
            visitor = Visitor(volunteer_id=county.ids["volunteer"], team_id=county.team, state=state, since=now(), until=until)
            order.crew.append(visitor)
            if ago:
                order.visit_begins = now() - ago
        return {"member": county.ids["volunteer"]}

    return make


def of_the_team(county: County, values: Values) -> Values:
    """The volunteer is in the team for a moment, and waits."""
    with county.app.app_context(), transaction() as session:
        before, soon = now() - timedelta(days=1), now() + timedelta(seconds=5)
        session.add(Membership(team_id=county.team, volunteer_id=county.ids["volunteer"], since=before, until=soon))
    return part(VisitorState.WAITING)(county, values)


def absence(state: AbsenceState):
    """The volunteer was missed."""

    def make(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            order = session.get_one(ServiceOrder, values["order_id"])
            team = session.get_one(Team, county.team)
            one = Absence(
                order=order, volunteer_id=county.ids["volunteer"], team=team, about=serving.round_of(order), state=state,
                site_path=team.site_path, planned_at=now(), proposed_at=now(), answer_by=now() + timedelta(days=7),
            )  # fmt: skip
            session.add(one)
            session.flush()
            return {"absence_id": one.id}

    return make


def mine(state: VisitorState = VisitorState.GOING, **data: str) -> Row:
    return Row("volunteer", order=Status.ACCEPTED, extra=part(state), data=lambda _: data)


LATE = timedelta(hours=2)
ROWS: dict[str, Row] = {
    "GET /me/visits": Row("volunteer", 0),
    "GET /me/visits/<number>": mine(),
    "POST /me/visits/<number>/cannot": mine(why="work"),
    "POST /me/visits/<number>/answer": mine(VisitorState.ASKED, answer="no"),
    "POST /me/visits/<number>/wait": mine()._replace(extra=of_the_team),
    "POST /me/visits/<number>/step-back": mine(VisitorState.STANDBY),
    "POST /me/visits/absences/<int:absence_id>/say": Row(
        "volunteer", order=Status.CLOSED, extra=absence(AbsenceState.OPEN), data=lambda _: {"words": "路上堵车"}
    ),
    "GET /manage/absences": Row("admin", 0),
    "GET /manage/absences/<int:absence_id>": Row("admin", order=Status.CLOSED, extra=absence(AbsenceState.OPEN)),
    "POST /manage/absences/<int:absence_id>/decide": Row(
        "admin", order=Status.CLOSED, extra=absence(AbsenceState.OPEN), data=lambda _: {"outcome": "excused", "note": "路上堵车"}
    ),
    "POST /inbox/visits/<number>/stand-ins": Row("leader", order=Status.ACCEPTED),
    "POST /inbox/visits/<number>/absent/<int:member>": Row(
        "leader", order=Status.ACCEPTED, extra=part(VisitorState.GOING, ago=LATE)
    ),
    "POST /o/<secret>/nobody-came": all_of_us(order=Status.ACCEPTED),
    "GET /board/next": Row("dispatcher", 0),
    "POST /board/go-on": Row("dispatcher", 0),
}
