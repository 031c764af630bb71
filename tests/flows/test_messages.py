"""A message is a row first; it goes out later, once, or is tried again until it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_person
from tests.support.databases import Database
from volunteer.kernel import errands
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.messaging import delivering, jobs, outbox
from volunteer.messaging.models import Channel, Message
from volunteer.messaging.outbox import Recipient, tell
from volunteer.messaging.senders import NotSent, sender_called

PHONE = "13800000001"


class Listed:
    """A sender that appends to a list; ``broken`` refuses."""

    def __init__(self, *, broken: bool = False) -> None:
        self.sent: list[tuple[str, str]] = []
        self.broken = broken

    def send(self, address: str, text: str) -> None:
        if self.broken:
            raise NotSent("no line")
        self.sent.append((address, text))


@pytest.fixture
def sender(session: Session) -> Listed:
    session.info["sms"] = sender = Listed()
    return sender


def deliver(session: Session, at: datetime) -> int:
    """What the runner does with one batch."""
    done = jobs.deliver(session, at)
    for errand in errands.take(session):
        outcome: object = None
        try:
            outcome = errand.go()
        except NotSent as error:
            outcome = error
        errand.settle(session, outcome, at)
    return done


def the_message(session: Session) -> Message:
    return session.scalars(select(Message).where(Message.channel == Channel.SMS)).one()


def test_a_message_goes_out_once_and_its_private_part_is_wiped(session: Session, sender: Listed) -> None:
    tell(session, Recipient(phone=PHONE), "login_code", at=NOON, secret={"code": "123456"})
    assert deliver(session, NOON) == 1
    assert deliver(session, NOON + timedelta(days=2)) == 0
    assert [(to, "123456" in text) for to, text in sender.sent] == [(PHONE, True)]
    message = the_message(session)
    assert (message.sealed, message.due_at, message.sent_at) == (None, None, NOON)


def test_the_words_are_in_the_recipients_language(session: Session, sender: Listed) -> None:
    for locale in ("zh_Hans", "en"):
        tell(session, Recipient(phone=PHONE, locale=locale), "order_withdrawn", {"number": "2611-0427-6"}, at=NOON)
    deliver(session, NOON)
    assert sorted(text for _, text in sender.sent) == ["Request 2611-0427-6 was withdrawn.", "点单 2611-0427-6 已撤回。"]


def test_what_fails_is_tried_again_and_given_up_in_the_end(session: Session, sender: Listed) -> None:
    sender.broken = True
    tell(session, Recipient(phone=PHONE), "login_code", at=NOON, secret={"code": "123456"})
    at, tries = NOON, 0
    while deliver(session, at):
        message = the_message(session)
        tries += 1
        assert message.error == "NotSent"
        at = message.due_at or at + timedelta(days=1)
    assert tries == len(delivering.WAITS)
    assert message.failed_at is not None
    assert delivering.failed(session) == [message]
    assert at - NOON >= timedelta(hours=5)


def test_a_message_that_nobody_can_read_is_given_up_at_once(session: Session, sender: Listed) -> None:
    tell(session, Recipient(phone=PHONE), "login_code", at=NOON, secret={"code": "1"})
    the_message(session).sealed = b"m1.broken"
    deliver(session, NOON)
    assert (the_message(session).error, sender.sent) == ("unreadable", [])


def test_a_later_time_is_kept(session: Session, sender: Listed) -> None:
    tell(session, Recipient(phone=PHONE), "order_withdrawn", {"number": "1"}, at=NOON, due_at=NOON + timedelta(hours=1))
    assert deliver(session, NOON + timedelta(minutes=59)) == 0
    assert deliver(session, NOON + timedelta(hours=1)) == 1


def test_an_unknown_template_is_a_bug_at_once(session: Session) -> None:
    with pytest.raises(KeyError):
        tell(session, Recipient(phone=PHONE), "no_such_words", at=NOON)


def test_the_inbox_holds_what_a_person_was_told_but_no_secrets(session: Session) -> None:
    person = a_person(session)
    recipient = Recipient(person.id, PHONE, "en")
    tell(session, recipient, "order_verified", {"number": "1"}, at=NOON)
    tell(session, recipient, "login_code", at=NOON, secret={"code": "123456"})
    assert [message.template for message in outbox.inbox_of(session, person.id)] == ["order_verified"]
    assert outbox.unread(session, person.id) == 1
    outbox.mark_read(session, person.id, at=NOON)
    assert outbox.unread(session, person.id) == 0


def test_two_workers_take_different_messages(database: Database, keyring: Keyring) -> None:
    if database.kind == "sqlite":
        return  # its writers queue: the second sees what the first has taken
    with Session(database.engine) as one, Session(database.engine) as two:
        one.info["keyring"] = two.info["keyring"] = keyring
        with write(one):
            for _ in range(30):
                tell(one, Recipient(phone=PHONE), "order_withdrawn", {"number": "1"}, at=NOON)
        with write(one), write(two):
            first = {parcel.message_id for parcel in delivering.claim(one, at=NOON)}
            second = {parcel.message_id for parcel in delivering.claim(two, at=NOON)}
    assert (len(first), len(second), first & second) == (20, 10, set())


def test_the_console_shows_no_whole_number(capsys: pytest.CaptureFixture[str]) -> None:
    sender_called("console").send(PHONE, "hello")
    said = capsys.readouterr().out
    assert "138****0001  hello" in said
    assert PHONE not in said
    with pytest.raises(ValueError, match="console"):
        sender_called("pigeon")
