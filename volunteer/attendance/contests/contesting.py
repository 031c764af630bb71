"""A volunteer objects to an entry of theirs; somebody of the site answers. What is wrong is taken back and asked for anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import hand_of, same_human
from volunteer.attendance.by_hand.asking import LONGEST_WORDS as LONGEST_WORDS_ASKED
from volunteer.attendance.by_hand.asking import AskDraft, ask_by_hand
from volunteer.attendance.by_hand.telling import deciders
from volunteer.attendance.contests.lifecycle import ContestAction, ContestStatus, next_status
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import correcting, queries
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.origins import line_of, standing_of
from volunteer.ledger.rules import person, site_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.teams.models import Volunteer

LONGEST_WORDS, LONGEST_REPLY = 1_000, 200
SHORTEST = timedelta(minutes=1)


def contest(
    session: Session,
    actor: Actor,
    transfer_id: int,
    words: str,
    *,
    at: datetime,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> HoursContest:
    """Say that an entry of one's own is wrong, and if known from when to when it really was. The site is told.

    One open objection for an entry: a second one changes nothing. Raises NotFound for an entry that is not one's own,
    Conflict for one that was taken back already.
    """
    transfer = standing_of(session, load(session, Transfer, transfer_id))
    volunteer = lock(session, Volunteer, actor.user_id)
    line = line_of(session, transfer)  # of a merged person: down to who booked it at first
    site_id = site_of(line[-1].source.owner)
    if transfer.target.owner != person(volunteer.id) or transfer.unit is not Unit.MINUTES or site_id is None:
        raise NotFound("transfer")
    if queries.undone_keys(session, [transfer.key]):
        raise Conflict("taken_back_already", N_("This entry was taken back already."))
    same = HoursContest.transfer_id.in_([one.id for one in line])
    open_one = select(HoursContest).where(same, HoursContest.status == ContestStatus.OPEN)
    if (made := session.scalar(open_one)) is not None:
        return made
    said = words.strip()
    if not said or len(said) > LONGEST_WORDS:
        raise Invalid.field("words", N_("Please say what is wrong, in a few words."))
    _must_be_times(began_at, ended_at, at)

    site = load(session, Site, site_id)
    row = HoursContest(
        volunteer=volunteer, transfer=transfer, site_id=site.id, site_path=site.path, began_at=began_at, ended_at=ended_at,
        said_at=at, status=ContestStatus.OPEN,
    )  # fmt: skip
    session.add(row)
    row.words = said
    session.flush()  # the log names it
    record(session, actor, "hours_contested", row.about, at=at, site_path=site.path)
    for one in deciders(session, site.path, Permission.HOURS_CORRECT, at=at):
        if one.id != volunteer.id:
            tell(session, Recipient(one.id, locale=one.locale), "contest_waits", {}, at=at, about=row.about)
    return row


def withdraw_contest(session: Session, actor: Actor, contest_id: int, *, at: datetime) -> HoursContest:
    """The volunteer takes the objection back. Twice changes nothing."""
    row = lock(session, HoursContest, contest_id)
    if row.volunteer_id != actor.user_id:
        raise NotFound("contest")
    if row.status is ContestStatus.WITHDRAWN:
        return row
    row.advance(ContestAction.WITHDRAW, by=actor, at=at)
    record(session, actor, "contest_withdrawn", row.about, at=at, site_path=row.site_path)
    return row


def accept_contest(
    session: Session,
    actor: Actor,
    contest_id: int,
    reply: str,
    *,
    at: datetime,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    item_id: int | None = None,
) -> HoursContest:
    """The volunteer is right: the entry is taken back, and with times the right ones are asked for.

    Whoever answers only asks for the new hours: a third person lets them through. The same person twice changes nothing.
    """
    row = _answered(session, actor, contest_id)
    if row.status is ContestStatus.ACCEPTED and row.decided_by == actor.user_id:
        return row
    next_status(row.status, ContestAction.ACCEPT)
    said = reason_of(reply, "reply", LONGEST_REPLY)
    _must_be_times(began_at, ended_at, at)

    row.advance(ContestAction.ACCEPT, by=actor, at=at)
    row.reply = said
    correcting.take_back(session, actor, row.transfer_id, said, at=at)
    if began_at is not None and ended_at is not None:
        words = (row.words or said)[:LONGEST_WORDS_ASKED]
        draft = AskDraft(
            row.volunteer_id, began_at, ended_at, words, said, item_id=item_id, contest_id=row.id, site_id=row.site_id
        )
        ask_by_hand(session, actor, draft, at=at)
    _close(session, actor, row, "contest_accepted", said, at)
    return row


def refuse_contest(session: Session, actor: Actor, contest_id: int, reply: str, *, at: datetime) -> HoursContest:
    """The entry stays, with a reason that the volunteer reads. The same person twice changes nothing."""
    row = _answered(session, actor, contest_id)
    if row.status is ContestStatus.REFUSED and row.decided_by == actor.user_id:
        return row
    next_status(row.status, ContestAction.REFUSE)
    said = reason_of(reply, "reply", LONGEST_REPLY)

    row.advance(ContestAction.REFUSE, by=actor, at=at)
    row.reply = said
    _close(session, actor, row, "contest_refused", said, at)
    return row


def _answered(session: Session, actor: Actor, contest_id: int) -> HoursContest:
    """The objection, locked, when this actor answers for the site and it is not their own."""
    row = lock(session, HoursContest, contest_id)
    actor.must(Permission.HOURS_CORRECT, at=row.site_path)
    if same_human(hand_of(session, actor.user_id), hand_of(session, row.volunteer_id)):
        raise Conflict("own_hours", N_("Nobody changes their own hours. Please ask a colleague."))
    return row


def _close(session: Session, actor: Actor, row: HoursContest, template: str, reply: str, at: datetime) -> None:
    record(session, actor, "contest_answered", row.about, at=at, site_path=row.site_path, outcome=row.status.value)
    holder = row.person
    day = (row.transfer.day or local_date(row.transfer.at, zone_of(session))).isoformat()
    tell(session, Recipient(holder.id, locale=holder.locale), template, {"day": day, "reason": reply}, at=at, about=row.about)


def _must_be_times(began_at: datetime | None, ended_at: datetime | None, at: datetime) -> None:
    if (began_at is None) != (ended_at is None):
        raise Invalid.field("ended_at", N_("Please give both times, or neither."))
    if began_at is None or ended_at is None:
        return
    if ended_at > at:
        raise Invalid.field("ended_at", N_("That time is still to come."))
    if ended_at - began_at < SHORTEST:
        raise Invalid.field("ended_at", N_("The end cannot be before the beginning."))
