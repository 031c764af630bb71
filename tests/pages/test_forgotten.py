"""Somebody was forgotten, their key is destroyed: the pages that showed them go on, and say that it is no longer kept."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support import builders as make
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.orders.lifecycle import Status
from volunteer.orders.placing import hash_secret
from volunteer.web.unit import transaction


@pytest.fixture
def forgotten(app: Flask) -> dict[str, object]:
    """A visit under way whose resident was forgotten, a clerk, a dispatcher and the team's leader."""
    with app.app_context(), transaction() as session:
        centre, branch, station = make.a_county(session)
        team = make.a_team(session, station)
        order = make.an_order(
            session, station, item=make.an_item(session, centre), status=Status.ACCEPTED, team=team, accepted_at=now()
        )
        order.words, order.secret, order.secret_hash = "请找王阿婆", "a-secret", hash_secret("a-secret")
        order.resident.wrapped_key = None
        clerk, dispatcher = make.staff(session, Role.CLERK, station), make.staff(session, Role.DISPATCHER, branch)
        people = {"clerk": clerk.user_id, "dispatcher": dispatcher.user_id, "leader": make.leader_of(session, team).user_id}
        number = order.number
    return {name: signed_in(app, person) for name, person in people.items()} | {"number": number, "visitor": app.test_client()}


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("dispatcher", "/board/orders/{}"),
        ("clerk", "/desk/orders/{}"),
        ("leader", "/inbox/visits/{}"),
        ("leader", "/inbox/visits/{}/sheet"),
    ],
)
def test_the_page_says_that_it_is_no_longer_kept(forgotten, who: str, path: str) -> None:
    answer = forgotten[who].get(path.format(forgotten["number"]))
    assert answer.status_code == 200
    assert "不再保存" in answer.text


def test_looking_closer_shows_no_more(forgotten) -> None:
    for who, path in (("dispatcher", "/board/orders/{}/reveal"), ("clerk", "/desk/orders/{}/details")):
        answer = send(forgotten[who], path.format(forgotten["number"]))
        assert answer.status_code == 200
        assert "不再保存" in answer.text


def test_lists_and_the_old_link_go_on_working(forgotten) -> None:
    for who, path in (("dispatcher", "/board"), ("clerk", "/desk?tab=all"), ("leader", "/inbox"), ("visitor", "/o/a-secret")):
        assert forgotten[who].get(path).status_code == 200, path
    assert forgotten["visitor"].get("/o/a-secret/slip").status_code == 200
    found = send(forgotten["visitor"], "/track", {"number": forgotten["number"], "code": ""})
    assert found.status_code == 422  # a code that nobody can read opens nothing
