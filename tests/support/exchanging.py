"""Us and the small partner, each in a process that can be killed at a named point, over one database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update
from werkzeug.serving import make_server

from tests.support import builders as make
from tests.support.services import ROOT, die_with_parent, free_port, wait_for
from volunteer.access import Actor, Role
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.ledger import book, queries, verify
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.rewards.partners import agreeing, exchanging, jobs, linking
from volunteer.rewards.partners.lifecycle import LinkState
from volunteer.rewards.partners.models import Exchange, Partner, PartnerAccount, PartnerCall
from volunteer.scheduler import Job, _batch, run_once
from volunteer.web.unit import transaction

ACCOUNT = "HU-2026-0007"
KILLED = 9


def agreed(session: Any, address: str = "", **terms: Any) -> tuple[Partner, str, Actor, Actor]:
    """A partner with rate 10 : 1 and a secret, both agreed to by two; the two who did it."""
    centre = make.a_site(session)
    first, second = (make.staff(session, Role.SITE_ADMIN, centre, name) for name in ("甲试", "乙试"))
    at = now()
    draft = agreeing.PartnerDraft(code=f"star-{centre.id}", name="星级文明户试验平台", address=address, **terms)
    partner = agreeing.make_partner(session, first, centre.id, draft, at=at)
    rate = agreeing.propose_rate(session, first, partner.id, 10, 1, (at + timedelta(hours=8)).date(), at=at)
    agreeing.decide(session, second, rate.id, True, at=at)
    secret = agreeing.decide(session, second, agreeing.propose_secret(session, first, partner.id, at=at).id, True, at=at)
    agreeing.set_active(session, first, partner.id, True, at=at)
    assert secret is not None
    return partner, secret, first, second


def somebody(session: Any, partner: Partner, account: str = ACCOUNT, points: int = 1_000) -> Actor:
    """A resident with points and a verified account over there."""
    who = make.a_person(session)
    actor = make.an_actor(who, (Role.RESIDENT, partner.site))
    if points:
        source = issued_by(partner.site_id, Unit.POINTS)
        book.move(
            session,
            Unit.POINTS,
            points,
            source=source,
            target=person(who.id),
            reason="points_service",
            key=f"first:{who.id}",
            at=now(),
        )
    link = linking.ask_link(session, actor, partner.id, account, True, at=now())
    linking.verified(session, link, True, at=now())
    session.execute(update(PartnerCall).where(PartnerCall.link_id == link.id).values(due_at=None))
    return actor


class Both:
    """A county and its partner; ``crash`` names where who dies."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.port, self.their_port = free_port(), 0
        self.their_port = next(port for port in range(self.port + 1, 32768) if _is_free(port))
        self.theirs = f"http://127.0.0.1:{self.their_port}/centre"
        with app.app_context(), transaction() as session:
            partner, self.secret, *_ = agreed(session, self.theirs)
            self.partner_id, self.code = partner.id, partner.code
            actor = somebody(session, partner)
            self.person_id, self.actor = actor.user_id or 0, actor
        self.process: subprocess.Popen[bytes] | None = None

    def start_partner(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        ours = f"http://127.0.0.1:{self.port}/api/partners/v1/{self.code}"
        words = [sys.executable, "-m", "tests.support.partner", str(self.their_port), str(self.folder), self.secret, ours]
        self.process = subprocess.Popen(words, cwd=ROOT, preexec_fn=die_with_parent)
        wait_for(self.their_port, self.process)

    def stop_partner(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def ask(self, **wish: Any) -> dict[str, Any]:
        """Tell the partner what a test wants; {} when it died over it."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.their_port}/control", json.dumps(wish).encode())
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except OSError:
            return {}

    def partner_dies_at(self, point: str) -> None:
        (self.folder / "crash").write_text(point)

    def send(self, points: int = 100) -> int:
        with self.app.app_context(), transaction() as session:
            link = session.scalars(select(PartnerAccount).where(PartnerAccount.state == LinkState.VERIFIED)).one()
            return exchanging.send_points(session, self.actor, link.id, points, at=now()).id

    def hurry(self) -> None:
        """The time of every next try has come."""
        with self.app.app_context(), transaction() as session:
            session.execute(update(PartnerCall).where(PartnerCall.due_at.is_not(None)).values(due_at=now()))

    def run(self, job: Callable[..., int] = jobs.send_calls) -> None:
        with self.app.app_context():
            run_once(Job(job, {}))

    def step(self) -> None:
        """One batch, and what it leaves to be done: one call further."""
        with self.app.app_context():
            _batch(Job(jobs.send_calls, {}), None)

    def until_quiet(self) -> None:
        """Try again and again, as the hours go by, and look into what hangs."""
        for _ in range(6):
            self.hurry()
            self.run()
        with self.app.app_context(), transaction() as session:
            session.execute(update(Exchange).values(made_at=now() - timedelta(hours=2)))
        self.run(jobs.ask_about_open)
        for _ in range(3):
            self.hurry()
            self.run()

    def in_a_child(self, act: Callable[[], None]) -> int:
        """Run ``act`` in a process of its own that shares nothing open with us; return how it ended."""
        with self.app.app_context():
            db.engine.dispose()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            child = os.fork()
        if child == 0:
            try:
                act()
            except BaseException:
                os._exit(1)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    @contextmanager
    def serving(self, dies: Callable[[], None] = lambda: None) -> Iterator[int]:
        """Serve our interface from a child; ``dies`` prepares where it is killed."""
        with self.app.app_context():
            db.engine.dispose()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            child = os.fork()
        if child == 0:
            die_with_parent()
            dies()
            self.app.testing = False
            make_server("127.0.0.1", self.port, self.app, threaded=True).serve_forever()
            os._exit(0)
        try:
            for _ in range(500):
                if not _is_free(self.port):
                    break
                time.sleep(0.01)
            yield child
        finally:
            try:
                os.kill(child, signal.SIGKILL)
            finally:
                os.waitpid(child, 0)

    def balance(self, owner: str) -> int:
        with self.app.app_context(), transaction() as session:
            return queries.balance(session, owner, Unit.POINTS)

    def must_agree(self, began: dict[str, int]) -> None:
        """Both books say the same, nothing is lost, nothing doubled, nothing open."""
        theirs = self.ask(do="book")
        with self.app.app_context(), transaction() as session:
            assert verify.findings(session) == []
            rows = session.scalars(select(Exchange).order_by(Exchange.id)).all()
            statuses = {(row.sender.value, row.wire): row.status.value for row in rows}
            out = queries.balance(session, f"partner:{self.partner_id}:points-out", Unit.POINTS)
            came = -queries.balance(session, f"partner:{self.partner_id}:points-issued", Unit.POINTS)
            mine = queries.balance(session, person(self.person_id), Unit.POINTS)
        assert set(statuses.values()) <= {"confirmed", "returned", "cancelled", "expired"}, statuses
        confirmed = {key for key, status in statuses.items() if status == "confirmed"}
        there = {(sender, name) for sender, name, status, _ in theirs["transfers"] if status == "confirmed"}
        assert confirmed == there
        assert not any(status in {"held", "reserved"} for _, _, status, _ in theirs["transfers"]), theirs
        received = sum(points for sender, _, status, points in theirs["transfers"] if (sender, status) == ("centre", "confirmed"))
        sent = sum(points for sender, _, status, points in theirs["transfers"] if (sender, status) == ("partner", "confirmed"))
        assert (out, came) == (received * 10, sent * 10)
        assert mine == began["ours"] - out + came
        assert theirs["accounts"][ACCOUNT] == began["theirs"] + received - sent


def killed_after(module: Any, name: str) -> Callable[[], None]:
    """Return what makes the process die when ``name`` has done its work, and its transaction has not ended yet."""

    def prepare() -> None:
        act = getattr(module, name)

        @wraps(act)
        def last(*values: Any, **named: Any) -> Any:
            act(*values, **named)
            os._exit(KILLED)

        setattr(module, name, last)

    return prepare


def killed_before(module: Any, name: str) -> Callable[[], None]:
    """Return what makes the process die when ``name`` is about to begin."""
    return lambda: setattr(module, name, lambda *_, **__: os._exit(KILLED))


def _is_free(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
