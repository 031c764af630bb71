"""The chain over the books: it grows in blocks, days are closed by signed checkpoints, and those leave the house."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from volunteer.kernel import errands
from volunteer.kernel.db import write
from volunteer.ledger import book, chaining, checkpoints, exporting, jobs, keys, outside, verify
from volunteer.ledger.models import Grade, Link, Transfer, Unit
from volunteer.ledger.models_chain import Block, Checkpoint, CheckpointExport, Way
from volunteer.ledger.models_keys import Purpose
from volunteer.ledger.rules import issued_by, person
from volunteer.messaging.senders import NotSent

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)  # five past twelve in Shanghai, of the 21st


def post(session, number, at=NOON, unit=Unit.MINUTES):
    return book.move(
        session, unit, 10 + number, source=issued_by(3, unit), target=person(number % 5), reason="service",
        key=f"order:{number}:{unit}", about=f"order:{number}", day=at.date(), grade=Grade.A, at=at,
    )  # fmt: skip


def all_of(job, session, at):
    done = 0
    while batch := job(session, at):
        done += batch
    return done


class Mailbox:
    """A mailer that keeps what it is given, or fails as often as it was told to."""

    def __init__(self, fails=0):
        self.mails = []
        self.fails = fails

    def send(self, address, subject, text):
        if self.fails:
            self.fails -= 1
            raise NotSent("mailbox full")
        self.mails.append((address, subject, text))


def ways(session, folder, mailer=None, address=""):
    session.info["checkpoints"] = exporting.Ways(folder, address, mailer or Mailbox())


def run_errands(session, at):
    for errand in errands.take(session):
        try:
            outcome = errand.go()
        except Exception as error:
            outcome = error
        errand.settle(session, outcome, at)
    session.flush()  # the next look asks the database


def test_every_transfer_gets_one_link_and_a_second_run_finds_nothing(session, monkeypatch):
    monkeypatch.setattr(chaining, "BATCH", 4)
    made = [post(session, number).id for number in range(1, 11)]
    assert all_of(jobs.seal_blocks, session, NOON) == 10
    assert all_of(jobs.seal_blocks, session, NOON) == 0
    assert session.scalars(select(Link.transfer_id).order_by(Link.number)).all() == made
    assert [(b.first_link, b.last_link) for b in session.scalars(select(Block).order_by(Block.number))] == [
        (1, 4),
        (5, 8),
        (9, 10),
    ]
    assert verify.findings(session, at=NOON) == []


def test_a_transfer_that_becomes_visible_late_gets_its_link_then(session):
    """As on PostgreSQL, where a smaller number may be committed after a larger one was linked."""
    first = post(session, 1)
    number = session.scalar(select(Transfer.id)) + 5
    twin = {c.key: getattr(first, c.key) for c in Transfer.__mapper__.column_attrs} | {"id": number, "key": "order:2"}
    session.execute(text("INSERT INTO ledger_keys (key) VALUES ('order:2'), ('order:3')"))
    session.execute(insert(Transfer).values(**twin))
    assert all_of(jobs.seal_blocks, session, NOON) == 2
    session.execute(insert(Transfer).values(**{**twin, "id": number - 2, "key": "order:3"}))
    assert all_of(jobs.seal_blocks, session, NOON + timedelta(minutes=1)) == 1
    assert session.scalars(select(Link.transfer_id).order_by(Link.number)).all() == [first.id, number, number - 2]


def test_one_that_is_later_than_an_hour_is_found_when_the_day_is_closed(session):
    first = post(session, 1)
    twin = {c.key: getattr(first, c.key) for c in Transfer.__mapper__.column_attrs} | {"id": first.id + 5, "key": "order:2"}
    session.execute(text("INSERT INTO ledger_keys (key) VALUES ('order:2'), ('order:3')"))
    session.execute(insert(Transfer).values(**twin))
    assert all_of(jobs.seal_blocks, session, NOON) == 2
    session.execute(insert(Transfer).values(**{**twin, "id": first.id + 1, "key": "order:3"}))
    assert all_of(jobs.seal_blocks, session, NOON + timedelta(hours=2)) == 0
    assert all_of(jobs.close_day, session, MIDNIGHT) == 2  # its link, and the checkpoint
    assert checkpoints.latest(session).links == 3


def test_a_day_is_closed_once_and_says_what_there_is(session):
    for number in range(1, 6):
        post(session, number)
    post(session, 1, unit=Unit.POINTS)
    assert all_of(jobs.close_day, session, MIDNIGHT) == 7
    assert all_of(jobs.close_day, session, MIDNIGHT + timedelta(hours=3)) == 0
    post(session, 6, at=MIDNIGHT)
    assert all_of(jobs.close_day, session, MIDNIGHT + timedelta(days=1)) == 2
    first, second = session.scalars(select(Checkpoint).order_by(Checkpoint.number))
    assert (first.day.isoformat(), first.links, first.minutes, first.points) == ("2026-11-20", 6, 65, 11)
    assert (second.day.isoformat(), second.links, second.minutes, second.points) == ("2026-11-21", 7, 81, 11)
    assert verify.findings(session, at=MIDNIGHT + timedelta(days=1)) == []


def test_empty_books_have_a_checkpoint_too(session):
    assert all_of(jobs.close_day, session, MIDNIGHT) == 1
    post(session, 1)
    assert all_of(jobs.close_day, session, MIDNIGHT + timedelta(days=1)) == 2
    assert verify.findings(session) == []


def test_a_checkpoint_leaves_by_file_and_by_mail_once(session, tmp_path):
    box = Mailbox()
    ways(session, tmp_path / "far away", box, "audit@example.org")
    post(session, 1)
    all_of(jobs.close_day, session, MIDNIGHT)
    for minutes in (0, 10, 600):
        all_of(jobs.export_checkpoints, session, MIDNIGHT + timedelta(minutes=minutes))
        run_errands(session, MIDNIGHT + timedelta(minutes=minutes))
    (file,) = (tmp_path / "far away").iterdir()
    assert file.name == f"checkpoint-000001-2026-11-20-{checkpoints.latest(session).kid}.json"
    ((address, subject, words),) = box.mails
    assert (address, "2026-11-20" in subject) == ("audit@example.org", True)
    mail = tmp_path / "saved mail.txt"
    mail.write_text(f"From: somebody\n\n{words}", encoding="utf-8")
    for kept in (file, mail, tmp_path / "far away"):
        assert verify.findings(session, outside.read([kept])) == []
    assert exporting.undelivered(session) == []


def test_what_does_not_arrive_is_tried_again_and_said(session, tmp_path):
    box = Mailbox(fails=2)
    ways(session, tmp_path, box, "audit@example.org")
    all_of(jobs.close_day, session, MIDNIGHT)
    at = MIDNIGHT
    for wait in (0, 5, 65):
        at += timedelta(minutes=wait)
        all_of(jobs.export_checkpoints, session, at)
        run_errands(session, at)
        stuck = exporting.undelivered(session)
        assert [(one.way, one.error) for one in stuck] == ([(Way.MAIL, "NotSent: mailbox full")] if wait < 65 else [])
    assert len(box.mails) == 1
    assert session.scalar(select(CheckpointExport.tries).where(CheckpointExport.way == Way.MAIL)) == 3


def test_a_file_that_says_something_else_is_never_written_over(session, tmp_path):
    ways(session, tmp_path)
    all_of(jobs.close_day, session, MIDNIGHT)
    file = tmp_path / exporting.file_name(checkpoints.latest(session))
    file.write_text("{}")
    all_of(jobs.export_checkpoints, session, MIDNIGHT)
    run_errands(session, MIDNIGHT)
    (stuck,) = exporting.undelivered(session)
    assert "another checkpoint" in stuck.error
    assert file.read_text() == "{}"


def test_a_clock_that_was_put_back_closes_days_again(session):
    post(session, 1)
    all_of(jobs.close_day, session, MIDNIGHT)
    post(session, 2)
    all_of(jobs.close_day, session, MIDNIGHT + timedelta(days=400))
    assert all_of(jobs.close_day, session, MIDNIGHT + timedelta(hours=1)) == 1
    assert all_of(jobs.close_day, session, MIDNIGHT + timedelta(hours=2)) == 0
    assert all_of(jobs.close_day, session, MIDNIGHT + timedelta(days=1)) == 1
    assert verify.findings(session, at=MIDNIGHT + timedelta(days=1)) == []


def test_a_full_disk_leaves_no_half_of_a_checkpoint_and_is_tried_again(session, tmp_path, monkeypatch):
    ways(session, tmp_path)
    all_of(jobs.close_day, session, MIDNIGHT)

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        all_of(jobs.export_checkpoints, session, MIDNIGHT)
        run_errands(session, MIDNIGHT)
    (stuck,) = exporting.undelivered(session)
    assert "No space" in stuck.error
    assert list(tmp_path.iterdir()) == []
    all_of(jobs.export_checkpoints, session, MIDNIGHT + exporting.AGAIN[0])
    run_errands(session, MIDNIGHT + exporting.AGAIN[0])
    assert exporting.undelivered(session) == []


@pytest.mark.parametrize("act", ["seal", "close"])
def test_twelve_workers_at_once_make_one_chain(database, keyring, at_once, act):
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        for number in range(1, 40):
            post(session, number)
        keys.current(session, Purpose.LEDGER, at=NOON)
    job = {"seal": jobs.seal_blocks, "close": jobs.close_day}[act]
    assert at_once([lambda session: all_of(job, session, MIDNIGHT)] * 12) == {"done": 12}
    with Session(database.engine) as session:
        assert len(session.scalars(select(Link)).all()) == 39
        assert len(session.scalars(select(Block)).all()) == 1
        assert len(session.scalars(select(Checkpoint)).all()) == (act == "close")
        assert verify.findings(session, at=MIDNIGHT) == []


def test_writers_and_linkers_together_leave_a_whole_chain(database, keyring, at_once):
    def linking(session):
        jobs.seal_blocks(session, NOON)

    acts = [linking if n % 3 == 0 else lambda session, n=n: post(session, n) for n in range(60)]
    assert at_once(acts) == {"done": 60}
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        all_of(jobs.close_day, session, MIDNIGHT)
    with Session(database.engine) as session:
        assert len(session.scalars(select(Link)).all()) == 40
        assert verify.findings(session, at=MIDNIGHT + timedelta(days=2)) == []


def test_the_file_says_its_day_and_sums_in_plain_words(session, tmp_path):
    ways(session, tmp_path)
    post(session, 1)
    all_of(jobs.close_day, session, MIDNIGHT)
    all_of(jobs.export_checkpoints, session, MIDNIGHT)
    run_errands(session, MIDNIGHT)
    (file,) = tmp_path.iterdir()
    said = json.loads(json.loads(file.read_text(encoding="utf-8"))["checkpoint"])
    assert (said["v"], said["day"], said["links"], said["minutes"]) == ("checkpoint/1", "2026-11-20", 1, 11)
