"""The acts of the play with what may be made up for each: for Hypothesis, and for a plain random walk."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from tests.support.books_ground import PEOPLE, STAFF
from tests.support.books_play import Play


class Span(NamedTuple):
    """Whole numbers from ``least`` to ``most``, both included."""

    least: int
    most: int


class Act(NamedTuple):
    """A method of the play, how often it is chosen, and the values that it may be given."""

    name: str
    weight: int
    values: dict[str, Span | tuple[Any, ...]]


WHO, STAFF_ONE, ANY = Span(0, PEOPLE - 1), Span(0, STAFF - 1), Span(0, 1000)
POINTS, YES = Span(-1, 25), (True, False)
ACTS = (
    Act("serve", 9, {"who": WHO, "back": Span(0, 4), "hour": Span(6, 18), "length": Span(0, 3), "grade": ("a", "b", "c", "d")}),
    Act("take_back", 2, {"number": ANY, "by": STAFF_ONE}),
    Act("ask_by_hand", 3, {"who": WHO, "by": Span(0, STAFF), "back": Span(0, 32), "hour": Span(6, 18), "length": Span(0, 3)}),
    Act("decide_by_hand", 4, {"number": ANY, "by": STAFF_ONE, "yes": (True, True, False)}),
    Act("withdraw_ask", 1, {"number": ANY}),
    Act("give", 3, {"who": WHO, "to": WHO, "points": POINTS, "again": YES}),
    Act("send_back", 1, {"number": ANY, "by": WHO}),
    Act("post_wish", 1, {"points": Span(5, 20)}),
    Act("give_to_wish", 4, {"who": WHO, "number": ANY, "points": POINTS}),
    Act("end_wish", 2, {"number": ANY, "by": STAFF_ONE, "fulfil": YES}),
    Act("give_to_pool", 1, {"who": WHO, "points": POINTS}),
    Act("correct", 2, {"who": WHO, "points": Span(-15, 60)}),
    Act("decide_correction", 3, {"number": ANY, "by": STAFF_ONE, "yes": (True, True, False)}),
    Act("reserve", 6, {"who": WHO, "shelf": Span(0, 1)}),
    Act("let_go", 2, {"number": ANY, "by": WHO}),
    Act("collect", 5, {"number": ANY, "till": Span(0, 1), "scan": YES}),
    Act("refund", 2, {"number": ANY, "restock": YES}),
    Act("decide_refund", 4, {"number": ANY, "by": STAFF_ONE, "yes": (True, True, True, False)}),
    Act("certify", 2, {"who": WHO}),
    Act("revoke", 1, {"number": ANY, "by": STAFF_ONE}),
    Act("wait", 2, {"minutes": (30, 600, 24 * 60, 3 * 24 * 60 + 1)}),
)
LATE = 0.1  # of acts arrive after others that were sent later
STEPS_OF_TIME = (-120, 30, 360, 24 * 60, 24 * 60, 2 * 24 * 60)  # minutes; one step back, as when a wrong clock is put right


def walk(play: Play, rng: random.Random, steps: int) -> int:
    """Do ``steps`` random acts, comparing after each; return how many were done. Raises Differs."""
    for _ in range(steps):
        _act(play, rng)
        play.compare()
    play.audit()
    return steps


def live_a_year(play: Play, rng: random.Random, days: int = 365) -> int:
    """Let ``days`` pass with acts that are cut off, done twice and late, and a clock that jumps; return how many acts there were.

    The play has ``trouble`` of its own, which cuts acts off; here is the rest. Raises Differs.
    """
    last, done = play.plain.now + days * 24 * 60, 0
    late: list[tuple[str, dict[str, Any]]] = []
    while play.plain.now < last:
        play.wait(rng.choice(STEPS_OF_TIME))
        for _ in range(rng.randint(0, 2)):
            name, values = _made_up(rng)
            if rng.random() < LATE:
                late.append((name, values))  # arrives after others that were sent later
                continue
            getattr(play, name)(**values)
            done += 1
        if late and rng.random() < LATE:
            name, values = late.pop(rng.randrange(len(late)))
            getattr(play, name)(**values)
            done += 1
        play.compare()
    play.audit()
    return done


def _act(play: Play, rng: random.Random) -> None:
    name, values = _made_up(rng)
    getattr(play, name)(**values)


def _made_up(rng: random.Random) -> tuple[str, dict[str, Any]]:
    act = rng.choices(ACTS, [one.weight for one in ACTS])[0]
    return act.name, {name: pick(rng, span) for name, span in act.values.items()}


def pick(rng: random.Random, span: Span | tuple[Any, ...]) -> Any:
    """Return one value of a span, or of a choice."""
    return rng.randint(span.least, span.most) if isinstance(span, Span) else rng.choice(span)
