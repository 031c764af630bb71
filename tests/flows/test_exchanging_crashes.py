"""Two books, two processes, and either of them killed at every point: afterwards they agree to the point."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.conftest import running
from tests.support.exchanging import ACCOUNT, KILLED, Both, killed_after, killed_before
from volunteer.ledger.rules import person
from volunteer.rewards.partners import answering, api, calls, exchanging
from volunteer.rewards.partners.models import Exchange, PartnerDifference
from volunteer.web.unit import transaction

THEIR_POINTS = [f"transfer.{act}:{when}" for act in ("reserve", "confirm") for when in ("before", "unwritten", "after")]
SENDING_POINTS = [f"send.{act}:{when}" for act in ("reserve", "confirm") for when in ("before", "after")]
OUR_POINTS = {
    "taken, not sent": killed_before(calls.Parcel, "go"),
    "sent, not settled": killed_before(answering, "settle"),
    "settled, not committed": killed_after(answering, "settle"),
    "confirmation booked, not committed": killed_after(exchanging, "confirmed_there"),
}
SERVING_POINTS = {
    "accepted, nothing done": killed_after(api, "_fresh"),
    "reserved, not committed": killed_after(exchanging, "reserve"),
    "committed, not answered": killed_before(api, "_answer"),
    "confirmed, not committed": killed_after(exchanging, "confirm"),
}


@pytest.fixture
def both(database, tmp_path) -> Iterator[Both]:
    for app in running(database, partners_loopback=True):
        pair = Both(app, tmp_path)
        pair.start_partner()
        try:
            pair.ask(do="account", name=ACCOUNT, points=500)
            yield pair
        finally:
            pair.stop_partner()


def begun(both: Both) -> dict[str, int]:
    return {"ours": both.balance(person(both.person_id)), "theirs": both.ask(do="book")["accounts"][ACCOUNT]}


def statuses(both: Both) -> list[str]:
    with both.app.app_context(), transaction() as session:
        return [row.status.value for row in session.scalars(select(Exchange).order_by(Exchange.id))]


def test_points_go_out_and_come_in_and_both_books_say_so(both):
    start = begun(both)
    both.send(100)
    both.until_quiet()
    with both.serving():
        both.ask(do="send", name=ACCOUNT, centre=50, partner=5)
    both.must_agree(start)
    assert statuses(both) == ["confirmed", "confirmed"]
    assert both.balance(person(both.person_id)) == 950


def test_the_partner_dies_at_every_point_of_receiving(both):
    start = begun(both)
    for point in THEIR_POINTS:
        both.partner_dies_at(point)
        both.send(10)
        for _ in range(3):
            both.hurry()
            both.run()
        assert both.process.wait(10) == KILLED, point
        both.start_partner()
        both.until_quiet()
    both.must_agree(start)
    assert statuses(both) == ["confirmed"] * len(THEIR_POINTS)


def test_we_die_at_every_point_of_sending(both):
    start = begun(both)
    died = []
    for point, prepare in OUR_POINTS.items():
        for steps_before in (0, 1):  # at the call that reserves, and at the one that confirms
            both.send(10)
            for _ in range(steps_before):
                both.step()

            def act(prepare=prepare) -> None:
                prepare()
                both.step()

            if both.in_a_child(act) == KILLED:
                died.append((point, steps_before))
            both.until_quiet()
    both.must_agree(start)
    assert statuses(both) == ["confirmed"] * 2 * len(OUR_POINTS)
    assert len(died) == 2 * len(OUR_POINTS) - 1, died  # the booking has only one of the two


def test_the_partner_dies_at_every_point_of_sending(both):
    start = begun(both)
    with both.serving():
        for point in SENDING_POINTS:
            both.partner_dies_at(point)
            both.ask(do="send", name=ACCOUNT, centre=20, partner=2)
            assert both.process.wait(10) == KILLED, point
            both.start_partner()
            both.ask(do="recover")
    both.must_agree(start)
    assert statuses(both) == ["confirmed"] * len(SENDING_POINTS)


def test_we_die_at_every_point_of_receiving(both):
    start = begun(both)
    for prepare in SERVING_POINTS.values():
        with both.serving(prepare):
            both.ask(do="send", name=ACCOUNT, centre=20, partner=2)
        with both.serving():
            both.ask(do="recover")
    both.must_agree(start)
    assert statuses(both) == ["confirmed"] * len(SERVING_POINTS)


def test_a_partner_that_lets_a_reservation_run_out_has_the_points_given_back(both):
    start = begun(both)
    both.partner_dies_at("transfer.confirm:before")
    both.send(100)
    for _ in range(3):
        both.hurry()
        both.run()
    both.start_partner()
    both.ask(do="expire")
    both.until_quiet()
    both.must_agree(start)
    assert statuses(both) == ["returned"]


def test_the_lists_of_a_day_agree_and_a_lie_is_found(both):
    from volunteer.kernel.clock import SHANGHAI, local_date, now
    from volunteer.rewards.partners import reconciling
    from volunteer.rewards.partners.models import Partner

    for _ in range(5):
        both.send(10)
    both.until_quiet()
    with both.serving():
        both.ask(do="send", name=ACCOUNT, centre=20, partner=2)

    def compared() -> list[str]:
        with both.app.app_context(), transaction() as session:
            reconciling.ask_day(session, session.get_one(Partner, both.partner_id), local_date(now(), SHANGHAI), at=now())
        for _ in range(4):
            both.run()
        with both.app.app_context(), transaction() as session:
            return [row.kind.value for row in session.scalars(select(PartnerDifference))]

    assert compared() == []
    import sqlite3

    lying = sqlite3.connect(both.folder / "partner.sqlite3")
    lying.execute("DELETE FROM transfers WHERE rowid = 2")
    lying.execute("UPDATE transfers SET partner = 7 WHERE rowid = 3")
    lying.commit()
    lying.close()
    assert sorted(compared()) == ["only_ours", "points"]
