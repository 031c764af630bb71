"""The tree of sites, and the figures that hold in each place at each time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, a_site, staff
from volunteer import matching
from volunteer.access import SYSTEM, Role
from volunteer.kernel.errors import Conflict, DomainError, Invalid, NotFound
from volunteer.places import policies, queries, terms
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import Mark, PolicyKind, SiteLevel


def test_without_a_policy_the_defaults_hold(session: Session) -> None:
    *_, station = a_county(session)
    assert policies.clocks_at(session, station.path, NOON) == terms.Clocks()
    assert policies.hours_at(session, station.path, NOON) == terms.Hours()
    assert policies.matching_at(session, station.path, NOON) == matching.Policy(version=0)


def test_a_policy_holds_below_its_site_from_its_day_on(session: Session) -> None:
    centre, branch, station = a_county(session)
    other = a_site(session, centre)
    adopt_policy(session, SYSTEM, centre, PolicyKind.CLOCKS, {"offer_minutes": 60}, valid_from=NOON, at=NOON)
    row = adopt_policy(session, SYSTEM, branch, PolicyKind.CLOCKS, {"offer_minutes": 30}, valid_from=NOON, at=NOON)
    session.flush()  # reads follow
    assert policies.clocks_at(session, station.path, NOON).offer_minutes == 30
    assert policies.clocks_at(session, station.path, NOON).version == row.id
    assert policies.clocks_at(session, other.path, NOON).offer_minutes == 60
    assert policies.clocks_at(session, station.path, NOON - timedelta(seconds=1)).offer_minutes == 120


def test_a_later_version_replaces_an_earlier_one_from_its_day(session: Session) -> None:
    centre, *_ = a_county(session)
    for days, metres in ((0, 3.0), (10, 4.0)):
        at = NOON + timedelta(days=days)
        adopt_policy(session, SYSTEM, centre, PolicyKind.MATCHING, {"scale_km": metres, "near": 0.5}, valid_from=at, at=NOON)
    session.flush()  # reads follow
    assert policies.matching_at(session, centre.path, NOON + timedelta(days=9)).scale_km == 3.0
    later = policies.matching_at(session, centre.path, NOON + timedelta(days=10))
    assert (later.scale_km, later.weights.near, later.weights.skill) == (4.0, 0.5, matching.Weights().skill)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (PolicyKind.CLOCKS, {"offer_minute": 5}),
        (PolicyKind.CLOCKS, {"offer_minutes": "5"}),
        (PolicyKind.CLOCKS, {"offer_minutes": -5}),
        (PolicyKind.CLOCKS, {"offer_minutes": True}),
        (PolicyKind.HOURS, {"rounding": "sideways"}),
    ],
)
def test_figures_that_cannot_be_are_refused(session: Session, kind: PolicyKind, values: dict[str, object]) -> None:
    centre, *_ = a_county(session)
    with pytest.raises(Invalid):
        adopt_policy(session, SYSTEM, centre, kind, values, valid_from=NOON, at=NOON)


def test_a_moment_has_one_version_and_not_everybody_makes_it(session: Session) -> None:
    centre, *_ = a_county(session)
    row = adopt_policy(session, SYSTEM, centre, PolicyKind.HOURS, {"round_to": 5}, valid_from=NOON, at=NOON)
    assert adopt_policy(session, SYSTEM, centre, PolicyKind.HOURS, {"round_to": 5}, valid_from=NOON, at=NOON) is row
    with pytest.raises(Conflict):
        adopt_policy(session, SYSTEM, centre, PolicyKind.HOURS, {"round_to": 6}, valid_from=NOON, at=NOON)
    with pytest.raises(DomainError):
        adopt_policy(session, staff(session, Role.DISPATCHER, centre), centre, PolicyKind.HOURS, {}, valid_from=NOON, at=NOON)


def test_the_tree_is_read_from_above_and_below(session: Session) -> None:
    centre, branch, station = a_county(session)
    assert queries.line_of(session, station) == [centre, branch, station]
    assert queries.branch_over(session, station) is branch
    assert queries.branch_over(session, branch) is branch
    assert queries.branch_over(session, centre) is centre
    assert queries.above(session, station) is branch
    assert queries.above(session, centre) is None
    assert queries.centre(session) is centre
    assert queries.villages(session) == [(branch, [station])]
    assert queries.open_sites(session, under=branch.path) == [branch, station]
    assert queries.open_sites(session, level=SiteLevel.STATION) == [station]
    assert queries.site_of_code(session, station.code) is station
    with pytest.raises(NotFound):
        queries.site_of_code(session, "nowhere")


def test_a_closed_site_is_not_offered(session: Session) -> None:
    _centre, branch, station = a_county(session)
    station.closed_at = NOON
    session.flush()  # reads follow
    assert queries.villages(session) == [(branch, [])]


def test_a_site_is_found_by_characters_pinyin_and_initials(session: Session) -> None:
    centre, *_ = a_county(session)
    site = a_site(session, centre, name="鲈乡所")
    for words in ("鲈乡", "luxiang", "lxs", "LuXiang"):
        assert queries.search(session, words) == [site]
    assert queries.search(session, "%") == []


def test_the_database_says_what_it_is(session: Session) -> None:
    assert queries.mark(session, "demo") is None
    session.add(Mark(name="demo", value={"size": "small"}))
    session.flush()  # reads follow
    assert queries.mark(session, "demo") == {"size": "small"}
