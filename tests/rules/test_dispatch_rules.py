"""Which orders a rule takes, which teams it accepts, and when a team has too much open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from volunteer.kernel.clock import SHANGHAI
from volunteer.matching import Policy, Request, Team, rank
from volunteer.orders.rulebook.rules import Case, Limits, Miss, Owing, RuleMode, Terms, fitting, lacking, takes, too_much

WEDNESDAY = datetime(2026, 3, 4, 12, 0, tzinfo=SHANGHAI)
HAIR = Case("care", "haircut", urgent=False, local=WEDNESDAY)
POOL = Terms(RuleMode.POOL)
WEEKDAYS = frozenset(range(5))


@pytest.mark.parametrize(
    ("terms", "case", "miss"),
    [
        (POOL, HAIR, None),
        (replace(POOL, categories=frozenset({"care"})), HAIR, None),
        (replace(POOL, items=frozenset({"haircut"})), HAIR, None),
        (replace(POOL, categories=frozenset({"repair"}), items=frozenset({"haircut"})), HAIR, None),
        (replace(POOL, categories=frozenset({"repair"})), HAIR, Miss.OTHER_SERVICE),
        (replace(POOL, items=frozenset({"lamp"})), HAIR, Miss.OTHER_SERVICE),
        (replace(POOL, days=WEEKDAYS), HAIR, None),
        (replace(POOL, days=frozenset({5, 6})), HAIR, Miss.OTHER_HOURS),
        (replace(POOL, begins=12, ends=13), HAIR, None),
        (replace(POOL, begins=8, ends=12), HAIR, Miss.OTHER_HOURS),
        (replace(POOL, begins=13), HAIR, Miss.OTHER_HOURS),
        (POOL, HAIR._replace(urgent=True), Miss.URGENT),
        (Terms(RuleMode.CHOOSE), HAIR._replace(urgent=True), Miss.URGENT),
        (Terms(RuleMode.OFFER), HAIR._replace(urgent=True), None),
    ],
)
def test_a_rule_takes_its_services_in_its_hours_and_nothing_urgent_waits_in_a_pool(terms, case, miss):
    assert takes(terms, case) is miss


def matches():
    teams = [Team(n, (31.16 + north, 120.64), {"hair": skill}, 20, 4) for n, north, skill in ((1, 0.04, 1.0), (2, 0.01, 0.3))]
    return rank(Request(1, (31.16, 120.64), frozenset({"hair"})), teams, Policy())


def test_only_teams_near_enough_and_good_enough_are_accepted_in_the_order_of_the_ranking():
    first, second = matches()
    assert [match.team_id for match in fitting(POOL, [first, second])] == [first.team_id, second.team_id]
    assert [match.team_id for match in fitting(replace(POOL, km=3), [first, second])] == [2]
    strong = max(first.score, second.score)
    assert [match.score for match in fitting(replace(POOL, score=strong), [first, second])] == [strong]


def test_what_kept_every_team_away_is_said():
    found = matches()
    assert lacking(POOL, []) is Miss.NOBODY_ABLE
    assert lacking(replace(POOL, km=0.5), found) is Miss.TOO_FAR
    assert lacking(replace(POOL, score=9), found) is Miss.TOO_WEAK
    assert lacking(POOL, found) is None


@pytest.mark.parametrize(
    ("owing", "limits", "what"),
    [
        (Owing(9, 9, 9), Limits(), []),
        (Owing(2, 0, 0), Limits(open_orders=3), []),
        (Owing(3, 0, 0), Limits(open_orders=3), ["open_orders"]),
        (Owing(5, 3, 1), Limits(open_orders=5, late_records=3, unanswered=2), ["open_orders", "late_records"]),
        (Owing(0, 0, 2), Limits(unanswered=2), ["unanswered"]),
    ],
)
def test_a_team_that_reached_a_limit_gets_nothing_new_and_zero_sets_none(owing, limits, what):
    assert [one.what for one in too_much(owing, limits)] == what


def test_what_is_too_much_comes_with_its_numbers():
    (one,) = too_much(Owing(late_records=4), Limits(late_records=3))
    assert (one.have, one.most) == (4, 3)
