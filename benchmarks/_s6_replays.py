"""S6: codes and QR codes of gifts, and the rotating QR of a visit, shown again after they were used: none is taken twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks._f3_last_gift import _databases
from benchmarks.figure import Figures
from tests.support import builders as make
from tests.support.databases import Database, migrate
from tests.support.gifts import a_gift, a_merchant, at_the_till, with_points
from tests.support.settings import settings_for
from volunteer.attendance import checking, evidence
from volunteer.attendance.evidence import Expected, Proof
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.geo import Point
from volunteer.ledger.models import Transfer
from volunteer.rewards.merchants import collecting, reserving
from volunteer.rewards.merchants.collecting import Shown

VOUCHERS, VISITS, AGAIN = 200, 200, 5
AT = make.NOON


def replays(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print what was taken twice."""
    for database in _databases("S6", url):
        migrate(database.url)
        keyring = Keyring.open(settings_for("").keys_file, create=True)
        with Session(database.engine, info={"keyring": keyring}) as session:
            _vouchers(figures, database, session, 20 if quick else VOUCHERS)
            _visits(figures, database, session, 20 if quick else VISITS)


def _vouchers(figures: Figures, database: Database, session: Session, count: int) -> None:
    with write(session):
        _centre, branch, station = make.a_county(session)
        merchant = a_merchant(session, branch)
        gift = a_gift(session, merchant, points=1, asked=1, stock=count)
        tills = [at_the_till(session, merchant, f"店员{n}") for n in range(2)]
        other = at_the_till(session, a_merchant(session, branch, "别家"))
        shown = []
        for n in range(count):
            one = reserving.reserve(session, with_points(session, station, 1, f"居民{n}"), gift.id, seen=1, at=AT)
            shown.append((one.id, Shown(code=one.code or ""), Shown(qr=collecting.qr_text(session, one))))
    taken, tries = 0, 0
    for n, (_number, code, qr) in enumerate(shown):
        later = AT + timedelta(minutes=n % 60)
        first = (code, qr)[n % 2]
        assert _taken(session, lambda: collecting.collect(session, tills[0], first, at=later))  # noqa: B023
        for again in range(AGAIN):
            for way in (code, qr):
                for who in (*tills, other):
                    tries += 1
                    taken += _taken(session, lambda: collecting.collect(session, who, way, at=later + timedelta(hours=again)))  # noqa: B023
    booked = session.scalar(select(func.count()).where(Transfer.reason == "collect")) or 0
    said = f"of {tries} tries with {count} used codes and QR codes at three tills"
    figures.value(f"S6.{database.kind}.vouchers", taken + abs(booked - count), "accepted twice", said, at_most=0)


def _visits(figures: Figures, database: Database, session: Session, count: int) -> None:
    with write(session):
        volunteer = make.a_volunteer(session, make.a_county(session)[2]).id
    taken, tries = 0, 0
    for n in range(count):
        expected = Expected(f"order:{900_000 + n}", f"seed{n}", None, Point(31.1, 120.6), 100)
        proof = evidence.qr_proof(expected.seed, expected.about, AT)

        def come(at_seconds: int, expected: Expected = expected, proof: str = proof) -> None:
            at = AT + timedelta(seconds=at_seconds)
            shown = evidence.judge(Proof(qr=proof), expected, at=at)
            checking.check_in(session, expected.about, [volunteer], shown, None, at=at)

        assert _taken(session, lambda: come(0))
        for seconds in (0, 1, 31, 59, 95, 3_600):
            tries += 1
            taken += _taken(session, lambda: come(seconds))  # noqa: B023
    said = f"of {tries} tries with {count} used codes of visits"
    figures.value(f"S6.{database.kind}.visits", taken, "accepted twice", said, at_most=0)


def _taken(session: Session, act: Callable[[], object]) -> bool:
    try:
        with write(session):
            act()
    except (Conflict, Invalid):
        return False
    return True
