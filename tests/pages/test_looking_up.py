"""Codes that are short enough to say on the phone: nobody tries them for long, whichever worker answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.conftest import running
from tests.support import builders as make
from tests.support.databases import Database
from tests.support.visiting import send
from volunteer.kernel.clock import now
from volunteer.web.unit import transaction


@pytest.fixture
def two_workers(sqlite: Database) -> Iterator[tuple[Flask, Flask]]:
    """Two applications that share one database, with throttles on."""
    yield from ((one, two) for one in running(sqlite, throttle=True) for two in running(sqlite, throttle=True))


@pytest.fixture
def number(two_workers: tuple[Flask, Flask]) -> str:
    with two_workers[0].app_context(), transaction() as session:
        order = make.an_order(session, make.a_county(session)[2])
        order.secret = "a-secret-link"
        return order.number


def test_codes_of_one_order_are_counted_across_workers(two_workers: tuple[Flask, Flask], number: str) -> None:
    with time_machine.travel(now().replace(minute=1), tick=False):
        tries = [
            send(two_workers[n % 2].test_client(), "/track", {"number": typed, "code": f"{n:06d}"}).status_code
            for n, typed in enumerate([number, number.replace("-", ""), f" {number} "] * 4)  # however it is typed
        ]
        assert tries == [422] * 10 + [429] * 2
        blocked = send(two_workers[0].test_client(), "/track", {"number": number, "code": "123456"})
    assert blocked.status_code == 429  # the right code, too, has to wait


def test_one_address_cannot_walk_through_many_orders(two_workers: tuple[Flask, Flask]) -> None:
    with time_machine.travel(now().replace(minute=1), tick=False):
        tries = [
            send(two_workers[n % 2].test_client(), "/track", {"number": f"2611-{n:04d}-0", "code": "123456"}).status_code
            for n in range(62)
        ]
    assert tries == [422] * 60 + [429] * 2


def test_an_unknown_number_is_counted_and_answered_like_a_known_one(two_workers: tuple[Flask, Flask], number: str) -> None:
    with time_machine.travel(now().replace(minute=1), tick=False):
        answers = {}
        for typed in (number, "2611-9999-3"):
            client = two_workers[0].test_client()
            sent = [send(client, "/track", {"number": typed, "code": "000000"}) for _ in range(11)]
            words = sent[0].text.split("<main", 1)[1].split("</main", 1)[0].replace(typed, "…")
            answers[typed] = [answer.status_code for answer in sent], len(words)
    assert len(set(map(str, answers.values()))) == 1
