"""派单: who may propose what to whom, what follows a no, and how an order goes up the tree. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import Role
from volunteer.kernel.errors import Conflict, DomainError, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders import dispatching
from volunteer.orders.accepting import accept_offer, decline_offer
from volunteer.orders.candidates import candidates_for, why_not
from volunteer.orders.holding import take_hold
from volunteer.orders.jobs import drop_holds, expire_offers
from volunteer.orders.lifecycle import Action, OfferState, Status, allows
from volunteer.orders.models import Hold, ServiceOrder
from volunteer.orders.reasons import NOBODY_AT_ALL

LATER = NOON + timedelta(hours=3)


class County:
    """A centre, a branch with three teams at growing distances, a team of another branch, an order to dispatch."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre)
        self.near, self.middle, self.far = (
            make.a_team(session, self.station, name=name, latitude=31.16 + north)
            for name, north in (("近队", 0.005), ("中队", 0.02), ("远队", 0.05))
        )
        self.other_branch = make.a_site(session, self.centre)
        self.away = make.a_team(session, self.other_branch, name="外队", latitude=31.22)
        self.order = make.an_order(session, self.station, item=self.item, status=Status.VERIFIED)
        self.dispatcher = make.staff(session, Role.DISPATCHER, self.branch)
        self.chief = make.staff(session, Role.DISPATCHER, self.centre, name="钱总台")

    def offer(self, *teams, by=None, at=NOON):
        return dispatching.offer_to(self.session, by or self.dispatcher, self.order.id, [t.id for t in teams], at=at)

    def told(self, template: str) -> int:
        return len(set(self.session.scalars(select(Message.person_id).where(Message.template == template))))

    def states(self) -> dict[str, str]:
        return {offer.team.name: offer.state.value for offer in self.order.offers}

    def diary(self) -> list[str]:
        return [event.what for event in self.order.events]


@pytest.fixture
def county(session: Session) -> County:
    return County(session)


def test_the_nearest_of_equal_teams_comes_first_and_only_teams_of_the_branch_are_asked(county, session):
    found = candidates_for(session, county.dispatcher, county.order, at=NOON)
    assert [candidate.card.name for candidate in found.shown] == ["近队", "中队", "远队"]
    assert (found.able, found.total) == (3, 3)
    assert 500 < found.shown[0].metres < 600


def test_a_dispatcher_of_the_centre_may_ask_teams_of_every_branch(county, session):
    found = candidates_for(session, county.chief, county.order, at=NOON)
    assert {candidate.card.name for candidate in found.shown} == {"近队", "中队", "远队", "外队"}


def test_a_dispatcher_of_another_branch_does_not_find_the_order(county, session):
    stranger = make.staff(session, Role.DISPATCHER, county.other_branch)
    for act in (
        lambda: candidates_for(session, stranger, county.order, at=NOON),
        lambda: county.offer(county.near, by=stranger),
        lambda: dispatching.recall(session, stranger, county.order.id, "试", at=NOON),
        lambda: dispatching.escalate(session, stranger, county.order.id, "试", at=NOON),
        lambda: dispatching.give_up(session, stranger, county.order.id, "试", at=NOON),
        lambda: take_hold(session, stranger, county.order.id, at=NOON),
    ):
        with pytest.raises(NotFound):
            act()


def test_an_offer_keeps_why_the_team_was_chosen(county):
    (offer,) = county.offer(county.near)
    assert (offer.rank, offer.candidates, offer.policy_version) == (1, 3, "matching:0")
    assert offer.score > 0
    assert offer.metres == pytest.approx(554, abs=5)
    assert offer.reasons["parts"]["skill"] == pytest.approx(0.9)
    assert offer.expires_at == NOON + timedelta(minutes=120)
    assert county.order.status is Status.OFFERED
    assert county.order.due_at == offer.expires_at
    assert county.told("offer_made") == 1


def test_an_urgent_order_waits_a_shorter_time_for_an_answer(county):
    county.order.urgent = True
    (offer,) = county.offer(county.near)
    assert offer.expires_at == NOON + timedelta(minutes=20)


def test_a_second_tap_makes_no_second_offer(county):
    assert county.offer(county.near) == county.offer(county.near)
    assert len(county.order.offers) == 1


def test_the_machine_may_be_overruled_but_not_about_the_skill(county, session):
    unskilled = make.a_team(session, county.station, skills=("haircut",), name="理发队")
    with pytest.raises(Conflict, match="does not have the skill"):
        county.offer(unskilled)
    full = make.a_team(session, county.station, capacity=0, name="满队")
    (offer,) = county.offer(full)
    assert offer.rank == 0
    assert offer.reasons["overridden"][0]["obstacle"] == "full"


def test_a_lower_rank_may_be_chosen_and_is_written_down(county):
    (offer,) = county.offer(county.far)
    assert offer.rank == 3


def test_nobody_and_too_many_are_refused(county):
    for teams in ([], range(1, 12)):
        with pytest.raises(Invalid):
            dispatching.offer_to(county.session, county.dispatcher, county.order.id, list(teams), at=NOON)


def test_a_team_of_another_branch_does_not_exist_for_a_branch(county):
    with pytest.raises(NotFound):
        county.offer(county.away)


def test_an_order_in_free_words_has_no_candidates_until_it_is_sorted(county, session):
    words = make.an_order(session, county.station, status=Status.VERIFIED)
    with pytest.raises(Conflict, match="which service"):
        candidates_for(session, county.dispatcher, words, at=NOON)


def test_of_a_wave_of_three_the_first_yes_wins_and_the_others_are_told(county, session):
    offers = county.offer(county.near, county.middle, county.far)
    assert {offer.wave for offer in offers} == {1}
    accept_offer(session, make.leader_of(session, county.middle), offers[1].id, at=NOON + timedelta(minutes=5))
    assert county.states() == {"近队": "recalled", "中队": "accepted", "远队": "recalled"}
    assert county.order.team_id == county.middle.id
    assert county.told("offer_taken") == 2
    with pytest.raises(Conflict):
        accept_offer(session, make.leader_of(session, county.near), offers[0].id, at=NOON + timedelta(minutes=6))


def test_a_late_yes_is_refused(county, session):
    (offer,) = county.offer(county.near)
    with pytest.raises(Conflict, match="time to accept"):
        accept_offer(session, make.leader_of(session, county.near), offer.id, at=NOON + timedelta(minutes=121))


def test_a_no_goes_on_to_the_next_team_at_once(county, session):
    (offer,) = county.offer(county.near)
    decline_offer(session, make.leader_of(session, county.near), offer.id, "没空", at=NOON + timedelta(minutes=5))
    assert county.states() == {"近队": "declined", "中队": "open"}
    assert county.order.status is Status.OFFERED
    assert county.order.offers[-1].made_by is None


def test_a_no_of_one_in_a_wave_waits_for_the_others(county, session):
    offers = county.offer(county.near, county.middle)
    decline_offer(session, make.leader_of(session, county.near), offers[0].id, "没空", at=NOON)
    assert county.states() == {"近队": "declined", "中队": "open"}
    assert len(county.order.offers) == 2


def test_silence_goes_to_the_next_then_up_to_the_centre_then_stays_with_a_reason(county, session):
    county.offer(county.near)
    at = NOON
    asked = []
    for _ in range(6):
        at = county.order.due_at + timedelta(minutes=1)
        expire_offers(session, at)
        asked.append((county.order.offers[-1].team.name, county.order.desk.level.value))
        assert expire_offers(session, at) == 0  # twice does nothing more
        if county.order.status is Status.VERIFIED:
            break
    assert asked == [("中队", "branch"), ("远队", "branch"), ("外队", "centre"), ("外队", "centre")]
    assert county.order.status is Status.VERIFIED
    assert county.order.reason == NOBODY_AT_ALL
    assert county.order.due_at == at
    assert set(county.states().values()) == {"lapsed"}
    expected = ["offer", "lapse", "offer", "lapse", "offer", "lapse", "escalate", "offer", "lapse", "nobody_left"]
    assert county.diary() == expected
    assert county.told("order_escalated") == 1


def test_after_three_waves_the_order_goes_up_even_if_teams_are_left(county, session):
    for n in range(3):
        make.a_team(session, county.station, name=f"再队{n}")
    county.offer(county.near)
    at = NOON
    for _ in range(3):
        at = county.order.due_at
        expire_offers(session, at)
    assert county.order.desk_id == county.centre.id
    assert county.order.desk_path == county.centre.path


def test_an_offer_still_in_time_is_left_alone(county, session):
    county.offer(county.near)
    assert expire_offers(session, NOON + timedelta(minutes=119)) == 0
    assert county.order.status is Status.OFFERED


def test_the_job_goes_on_with_an_order_that_nobody_is_asked_about(county, session):
    (offer,) = county.offer(county.near)
    offer.state = OfferState.DECLINED
    assert expire_offers(session, NOON) == 1
    assert county.order.offers[-1].team.name == "中队"


def test_a_branch_cannot_act_on_what_the_centre_has_taken_over(county, session):
    dispatching.escalate(session, county.dispatcher, county.order.id, "本所都忙", at=NOON)
    assert county.order.reason == "本所都忙"
    assert (county.order.desk_path, county.order.events[-1].what) == (county.centre.path, "escalate")
    with pytest.raises(Conflict, match="taken this order over"):
        county.offer(county.near)
    with pytest.raises(Conflict, match="no desk above"):
        dispatching.escalate(session, county.chief, county.order.id, "再上", at=LATER)


def test_a_recall_of_open_offers_begins_a_new_round(county, session):
    (first,) = county.offer(county.near)
    dispatching.recall(session, county.dispatcher, county.order.id, "地址改了", at=NOON + timedelta(minutes=1))
    assert (first.state, first.reason) == (OfferState.RECALLED, "地址改了")
    assert county.order.status is Status.VERIFIED
    assert county.told("offer_recalled") == 1
    (second,) = county.offer(county.near, at=NOON + timedelta(minutes=2))
    assert (second.wave, len(county.order.offers)) == (2, 2)


def test_an_accepted_order_can_be_taken_back_before_the_team_sets_out(county, session):
    (offer,) = county.offer(county.near)
    accept_offer(session, make.leader_of(session, county.near), offer.id, at=NOON)
    dispatching.recall(session, county.dispatcher, county.order.id, "队长病了", at=NOON + timedelta(minutes=9))
    assert (county.order.status, county.order.team_id, county.order.accepted_at) == (Status.VERIFIED, None, None)
    assert offer.state is OfferState.RECALLED
    assert county.told("offer_recalled") == 1
    assert county.told("order_released") == 1
    found = candidates_for(session, county.dispatcher, county.order, at=LATER)
    assert found.shown[0].asked is offer  # its history stays in view


def test_giving_up_tells_the_resident_and_needs_a_reason(county, session):
    with pytest.raises(Invalid):
        dispatching.give_up(session, county.dispatcher, county.order.id, "  ", at=NOON)
    dispatching.give_up(session, county.dispatcher, county.order.id, "本县没有这种设备", at=NOON)
    dispatching.give_up(session, county.dispatcher, county.order.id, "本县没有这种设备", at=NOON)  # a second tap
    assert (county.order.status, county.order.reason) == (Status.UNMET, "本县没有这种设备")
    assert county.told("order_unmet") == 1
    assert county.diary() == ["give_up"]


def test_why_not_names_what_is_in_the_way(county, session):
    busy = make.a_team(session, county.station, name="忙队", capacity=1, latitude=31.5)
    make.an_order(session, county.station, item=county.item, status=Status.ACCEPTED, team=busy)
    unskilled = make.a_team(session, county.station, skills=(), name="新队", hours="0" * 42)
    said = {reason.obstacle.value for reason in why_not(session, county.dispatcher, county.order, busy.id, at=NOON).obstacles}
    assert said == {"full", "too_far"}
    answer = why_not(session, county.dispatcher, county.order, unskilled.id, at=NOON)
    assert {reason.obstacle.value for reason in answer.obstacles} == {"missing_skill", "no_time"}
    (offer,) = county.offer(county.near)
    decline_offer(session, make.leader_of(session, county.near), offer.id, "没空", at=NOON)
    answer = why_not(session, county.dispatcher, county.order, county.near.id, at=NOON)
    assert (answer.rank, answer.asked_now, answer.asked.state) == (1, True, OfferState.DECLINED)


def test_a_team_asked_in_this_round_is_not_asked_again(county, session):
    (offer,) = county.offer(county.near)
    decline_offer(session, make.leader_of(session, county.near), offer.id, "没空", at=NOON)
    assert county.order.status is Status.OFFERED
    offer = county.order.offers[-1]
    offer.state = OfferState.LAPSED
    county.order.advance(Action.LAPSE, county.dispatcher, NOON)
    with pytest.raises(Conflict, match="asked already"):
        county.offer(county.near, by=county.chief, at=LATER)


def test_a_paused_team_is_not_asked(county, session):
    county.near.paused_until = NOON + timedelta(days=3)
    session.flush()
    assert candidates_for(session, county.dispatcher, county.order, at=NOON).shown[0].card.name == "中队"
    with pytest.raises(Conflict, match="break"):
        county.offer(county.near)


def test_a_team_that_served_this_resident_before_is_preferred(county, session):
    make.an_order(session, county.station, status=Status.CLOSED, team=county.middle, resident=county.order.resident)
    parts = {
        c.card.name: c.match.reasons.parts.continuity for c in candidates_for(session, county.chief, county.order, at=NOON).shown
    }
    assert parts == {"近队": 0.0, "中队": 1.0, "远队": 0.0, "外队": 0.0}


ACTS = {
    "offer": (Action.OFFER, lambda s, who, o, team: dispatching.offer_to(s, who, o.id, [team.id], at=NOON)),
    "recall": (Action.RECALL, lambda s, who, o, team: dispatching.recall(s, who, o.id, "试", at=NOON)),
    "escalate": (Action.HAND_OVER, lambda s, who, o, team: dispatching.escalate(s, who, o.id, "试", at=NOON)),
    "give_up": (Action.GIVE_UP, lambda s, who, o, team: dispatching.give_up(s, who, o.id, "试", at=NOON)),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", Status)
def test_what_a_dispatcher_may_do_follows_from_where_the_order_stands(county, session, status, act):
    order = make.an_order(session, county.station, item=county.item, status=status)
    action, do = ACTS[act]
    if allows(status, action):
        do(session, county.dispatcher, order, county.near)
        assert order.events
    else:
        with pytest.raises(Conflict):
            do(session, county.dispatcher, order, county.near)
        assert order.status is status


@pytest.mark.parametrize("role", Role)
def test_only_dispatchers_and_jobs_dispatch(county, session, role):
    actor = make.staff(session, role, county.branch)
    if role in {Role.DISPATCHER, Role.SYSTEM}:
        assert dispatching.offer_to(session, actor, county.order.id, [county.near.id], at=NOON)
    else:
        with pytest.raises(DomainError):
            dispatching.offer_to(session, actor, county.order.id, [county.near.id], at=NOON)
        assert county.order.status is Status.VERIFIED


def test_what_another_dispatcher_has_open_cannot_be_acted_upon(county, session):
    other = make.staff(session, Role.DISPATCHER, county.branch, name="孙同事")
    take_hold(session, other, county.order.id, at=NOON)
    for act in (
        lambda: county.offer(county.near),
        lambda: dispatching.escalate(session, county.dispatcher, county.order.id, "试", at=NOON),
        lambda: dispatching.give_up(session, county.dispatcher, county.order.id, "试", at=NOON),
        lambda: take_hold(session, county.dispatcher, county.order.id, at=NOON + timedelta(minutes=9)),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.context["name"] == "孙同事"
    assert county.offer(county.near, at=NOON + timedelta(minutes=10))  # the hold is over


def test_holds_that_are_over_are_dropped(county, session):
    take_hold(session, county.dispatcher, county.order.id, at=NOON)
    assert drop_holds(session, NOON + timedelta(minutes=9)) == 0
    assert drop_holds(session, NOON + timedelta(minutes=10)) == 1
    assert session.scalars(select(Hold)).all() == []


def test_letting_go_of_an_order_leaves_somebody_elses_hold(county, session):
    from volunteer.orders.holding import release_hold

    take_hold(session, county.dispatcher, county.order.id, at=NOON)
    release_hold(session, county.chief, county.order.id, at=NOON)
    assert session.get(Hold, county.order.id) is not None
    release_hold(session, county.dispatcher, county.order.id, at=NOON, until=NOON)  # a page that was left before it was renewed
    assert session.get(Hold, county.order.id) is not None
    release_hold(session, county.dispatcher, county.order.id, at=NOON, until=NOON + timedelta(minutes=10))
    assert session.scalar(select(Hold).where(Hold.order_id == county.order.id)) is None


def test_one_broken_order_does_not_keep_the_others_waiting(county, session):
    county.offer(county.near)
    broken = make.an_order(session, county.station, status=Status.OFFERED)  # offered without a line of the menu
    make.an_offer(session, broken, county.middle, expires_at=NOON)
    later = NOON + timedelta(minutes=121)
    assert expire_offers(session, later) == 1
    assert county.order.offers[-1].team.name == "中队"
    assert session.get_one(ServiceOrder, broken.id).status is Status.OFFERED
