"""Hours, points, gifts and certificates against a plain model of them: whatever is done in whatever order, both agree."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from benchmarks._planted import BUGS, Bug
from tests.support.books_acts import ACTS, Act, Span, live_a_year, walk
from tests.support.books_drills import DRILLS
from tests.support.books_model import DAY
from tests.support.books_play import Play

STEPS = 40
ROOT = Path(__file__).parents[2]


def values_of(act: Act) -> st.SearchStrategy:
    spans = {
        name: st.integers(span.least, span.most) if isinstance(span, Span) else st.sampled_from(span)
        for name, span in act.values.items()
    }
    return st.tuples(st.just(act.name), st.fixed_dictionaries(spans))


STORIES = st.lists(
    st.sampled_from([act for act in ACTS for _ in range(act.weight)]).flatmap(values_of), min_size=5, max_size=STEPS
)


@pytest.fixture
def anew(session: Session) -> Session:
    return session


@settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(story=STORIES)
def test_whatever_happens_the_books_say_what_the_model_says(anew: Session, story: list[tuple[str, dict[str, Any]]]) -> None:
    undo = anew.begin_nested()
    try:
        play = Play(anew)
        for name, values in story:
            getattr(play, name)(**values)
            play.compare()
        play.audit()
    finally:
        undo.rollback()
        anew.expire_all()


@pytest.mark.parametrize("seed", range(2))
def test_a_long_walk_through_everything_ends_with_books_that_prove_themselves(session: Session, seed: int) -> None:
    assert walk(Play(session), random.Random(seed), 60) == 60


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.__name__)
def test_up_to_every_limit_and_one_step_beyond_programme_and_model_agree(session: Session, drill: Callable[[Play], None]) -> None:
    play = Play(session)
    drill(play)
    play.compare()
    play.audit()


def test_acts_that_are_cut_off_late_or_at_a_wrong_hour_leave_the_books_right(session: Session) -> None:
    rng = random.Random(7)
    assert live_a_year(Play(session, rng), rng, days=25) > 20


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.what)
def test_a_bug_can_still_be_planted_where_it_belongs(bug: Bug) -> None:
    assert bug.file.read_text(encoding="utf-8").count(bug.right) == 1
    assert bug.right != bug.wrong


@pytest.mark.parametrize("what", ["overlapping time counts twice", "another shop collects", "a claim forgets what was taken"])
def test_a_planted_bug_is_found(what: str) -> None:
    number = next(place for place, bug in enumerate(BUGS) if bug.what == what)
    command = [sys.executable, "-m", "benchmarks._f6_walk", "1500", "3", str(number)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1, found.stderr
    assert "Differs" in found.stdout


def test_every_act_of_the_play_can_be_chosen(session: Session) -> None:
    play = Play(session)
    for act in ACTS:
        getattr(play, act.name)(**{name: span.least if isinstance(span, Span) else span[0] for name, span in act.values.items()})
    play.compare()


def test_points_may_be_corrected_upwards_although_the_site_has_issued_some(session: Session) -> None:
    play = Play(session)
    for _ in range(2):
        play.correct(0, 30)
        play.decide_correction(len(play.corrections) - 1, 1, True)
    play.compare()
    assert play.plain.points[0] == 60


def test_taking_back_twice_takes_points_that_were_spent_only_once(session: Session) -> None:
    play = Play(session)
    play.serve(0, 3, 8, 2, "a")
    play.give(0, 1, 24, again=False)
    play.take_back(0, 0)
    play.correct(0, 30)
    play.decide_correction(0, 1, True)
    play.take_back(0, 0)
    play.compare()
    assert (play.plain.points[0], play.plain.owed) == (30, 24)


def test_what_was_taken_back_leaves_room_for_the_same_time_by_hand(session: Session) -> None:
    play = Play(session)
    play.serve(0, 3, 8, 2, "a")
    play.take_back(0, 0)
    play.ask_by_hand(0, 0, 3, 8, 2)
    play.decide_by_hand(0, 0, True)
    play.compare()
    assert play.plain.minutes(0) == 150
    assert play.plain.entries[-1].day == play.plain.now // DAY - 3
