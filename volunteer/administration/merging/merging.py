"""One person, one book: two entries become one, and can be taken apart again for thirty days.

The entry that goes is closed, never deleted. Rows about the person point at the one who stays, every posting of minutes and
points is posted once more, and what was sealed for the one can be read by the other. Every change is kept with the merge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.granting import held, keep_a_governor_without, must_manage, scope_of, sign_out_everywhere
from volunteer.accounts.humans import is_among
from volunteer.accounts.models import Brought, Person, RoleGrant
from volunteer.administration.merging import books, colliding, moves
from volunteer.administration.merging.lifecycle import PairAction, PairState
from volunteer.administration.merging.models import Change, Merge, Pair
from volunteer.administration.merging.rules import undo_until
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.crypto import seal
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Forbidden, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger.ageing import held_by
from volunteer.ledger.rules import person as owner
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders.models import ServiceOrder
from volunteer.teams.belonging import refresh_for
from volunteer.teams.models import Standing, Volunteer, VolunteerSkill

P = Permission.PEOPLE_MERGE
REASON = 200
BETTER = ("insured_until",)  # of two volunteers: the later day


@dataclass(frozen=True, slots=True)
class MergeDraft:
    """Who stays, who goes, why, and whose telephone is to be used ("kept" or "gone")."""

    kept_id: int
    gone_id: int
    reason: str
    phone: str = "kept"


def merge(session: Session, actor: Actor, draft: MergeDraft, *, at: datetime) -> Merge:
    """Let ``gone`` go into ``kept``. A repeated act returns the merge already made.

    Raises NotFound outside the actor's places, Conflict for one's own entry, an entry that is closed, a volunteer who
    would go into somebody who is none, two different identity numbers, and points on their way; Invalid without a reason.
    """
    why = reason_of(draft.reason)
    if draft.kept_id == draft.gone_id:
        raise Conflict("one_entry", N_("These are one and the same entry."))
    people = _held(session, draft.kept_id, draft.gone_id)
    kept, gone = people[draft.kept_id], people[draft.gone_id]
    path = must_have_both(session, actor, kept, gone, at=at)
    if (made := standing_merge(session, kept.id, gone.id)) is not None:
        return made
    _must_fit(session, actor, kept, gone, at)

    row = Merge(kept_id=kept.id, gone_id=gone.id, site_path=path, reason=why, minutes=0, points=0, at=at,
                by_id=actor.user_id)  # fmt: skip
    session.add(row)
    session.flush()  # keys and changes name the merge
    was = kept.phone
    row.minutes = books.carry_minutes(session, row, at=at)
    row.points = books.carry_points(session, row, at=at)
    _bring_keys(session, kept, gone, at)
    _fill_in(session, row, kept, gone, draft.phone)
    _as_volunteers(session, row, at)
    colliding.settle(session, row, at=at)
    moves.set_value(session, row, gone, "disabled_at", at)
    sign_out_everywhere(session, gone.id, at=at)
    sign_out_everywhere(session, kept.id, at=at)  # their rights have changed
    moves.carry_rows(session, row)
    if session.get(Volunteer, kept.id) is not None:
        refresh_for(session, kept.id, at=at)
    _settle_pair(session, actor, kept.id, gone.id, path, at)
    record(session, actor, "people_merged", f"person:{kept.id}", at=at, site_path=path, gone=gone.id)
    record(session, actor, "people_merged", f"person:{gone.id}", at=at, site_path=path, kept=kept.id)
    tell(session, Recipient(kept.id, kept.phone or "", kept.locale), "entries_merged", at=at)
    for phone in sorted(
        {phone for phone in (was, gone.phone) if phone and phone != kept.phone}
    ):  # whoever reads these may object too
        tell(session, Recipient(None, phone, kept.locale), "entries_merged", at=at)
    return row


def undo(session: Session, actor: Actor, merge_id: int, reason: str, *, at: datetime) -> Merge:
    """Take a merge apart: both are as before, but for what was changed since. A repeated act changes nothing.

    Points that were spent meanwhile cannot go back; the merge says how many. Raises NotFound outside the actor's places,
    Conflict after thirty days and when the one who stayed has gone into a third, Invalid without a reason.
    """
    row = lock(session, Merge, merge_id)
    actor.must(P, at=row.site_path)
    if row.undone_at is not None:
        return row
    reason = reason_of(reason)
    if at > undo_until(row.at):
        raise Conflict("merge_too_old", N_("This was merged more than 30 days ago, and cannot be taken apart any more."))
    later = select(Merge.id).where(Merge.gone_id == row.kept_id, Merge.undone_at.is_(None))
    if session.scalar(later) is not None:
        raise Conflict("merged_again", N_("The entry has gone into another one since. Please take that apart first."))
    people = _held(session, row.kept_id, row.gone_id)
    kept, gone = people[row.kept_id], people[row.gone_id]
    _must_be_others(session, actor, kept, gone)
    if held(session, kept.id, at):  # roles that were given since, too
        must_manage(session, actor, kept, at=at)

    row.points_short = books.give_back(session, row, reason.strip(), at=at)
    _bring_keys(session, gone, kept, at, ended=at)  # what was sealed anew meanwhile
    _part(session, row, at)
    _take_out(session, row)
    moves.put_back(session, row)
    row.undone_at, row.undone_by, row.undone_reason = at, actor.user_id, reason.strip()
    for person_id in (row.kept_id, row.gone_id):
        sign_out_everywhere(session, person_id, at=at)
        if session.get(Volunteer, person_id) is not None:
            refresh_for(session, person_id, at=at)
        record(session, actor, "people_parted", f"person:{person_id}", at=at, site_path=row.site_path, merge=row.id)
    pair = pair_of(session, row.kept_id, row.gone_id)
    if pair is not None:
        pair.advance(PairAction.PART)
        pair.reason, pair.decided_at, pair.decided_by = reason.strip(), at, actor.user_id
    return row


def must_have_both(session: Session, actor: Actor, one: Person, other: Person, *, at: datetime) -> str:
    """Return the path that both entries have in common. Raises NotFound or Forbidden where either is not the actor's.

    Whoever merges hands the roles of one entry to another: only who could give these roles may.
    """
    for person in (one, other):
        actor.must(P, at=place_of(session, person))
        if held(session, person.id, at):
            must_manage(session, actor, person, at=at)
        coming = select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.since > at)
        if not all(actor.may_give(grant.role, at=grant.site.path) for grant in session.scalars(coming)):
            raise Forbidden(P.value)
    return common(place_of(session, one), place_of(session, other))


def place_of(session: Session, person: Person) -> str:
    """Return the site path to which an entry belongs: of the volunteer, of the roles, of what was asked for."""
    volunteer = session.get(Volunteer, person.id)
    if volunteer is not None:
        return volunteer.site.path
    path = scope_of(session, person)
    if path != "/":
        return path
    paths = session.scalars(
        select(ServiceOrder.site_path).where(ServiceOrder.resident_id == person.id).distinct().limit(50)
    ).all()
    found = paths[0] if paths else "/"
    for other in paths[1:]:
        found = common(found, other)
    return found


def common(one: str, other: str) -> str:
    """Return the deepest site path over both: "/1/12/140/" and "/1/12/" have "/1/12/"."""
    shared = "/"
    for left, right in zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if left != right or not left:
            break
        shared += f"{left}/"
    return shared


def standing_merge(session: Session, kept_id: int, gone_id: int) -> Merge | None:
    """Return the merge of these two that nobody took apart."""
    found = select(Merge).where(Merge.kept_id == kept_id, Merge.gone_id == gone_id, Merge.undone_at.is_(None))
    return session.scalar(found)


def pair_of(session: Session, one: int, other: int) -> Pair | None:
    """Return the suggestion about these two, whichever way round."""
    return session.scalar(select(Pair).where(Pair.one_id == min(one, other), Pair.other_id == max(one, other)))


def _held(session: Session, *ids: int) -> dict[int, Person]:
    """Return both people, held, and the volunteers that they are: before any account, as whoever books hours holds them."""
    people = {number: lock(session, Person, number) for number in sorted(ids)}
    for number in sorted(ids):
        if session.get(Volunteer, number) is not None:
            lock(session, Volunteer, number)
    return people


def _must_be_others(session: Session, actor: Actor, kept: Person, gone: Person) -> None:
    """Raise Conflict when one of the entries is the actor's own; another account of theirs is theirs."""
    if is_among(session, actor.user_id, (kept.id, gone.id)):
        raise Conflict("own_entry", N_("Somebody else must decide about your own entry."))


def _must_fit(session: Session, actor: Actor, kept: Person, gone: Person, at: datetime) -> None:
    _must_be_others(session, actor, kept, gone)
    if any(one.disabled_at is not None or one.is_forgotten for one in (kept, gone)):
        raise Conflict("entry_closed", N_("One of these entries is closed."))
    if kept.document and gone.document and kept.document != gone.document:
        raise Conflict("two_documents", N_("Their identity numbers differ: these are two people. Correct the wrong one first."))
    if session.get(Volunteer, gone.id) is not None and session.get(Volunteer, kept.id) is None:
        raise Conflict("volunteer_stays", N_("Please keep the entry of the volunteer."))
    keep_a_governor_without(session, actor, gone, at=at)
    colliding.must_not_live_twice(session, kept.id, gone.id)
    if held_by(session, owner(gone.id)):
        raise Conflict("points_on_the_way", N_("Points of this entry are held for a gift. Please finish that first."))


def _bring_keys(session: Session, to: Person, of: Person, at: datetime, *, ended: datetime | None = None) -> None:
    """Give ``to`` the key of ``of``, and every key that it had been brought, wrapped anew."""
    keyring = session.info["keyring"]
    old = session.scalars(select(Brought).where(Brought.person_id == of.id).order_by(Brought.id)).all()
    keys = [(of.id, keyring.data_key(of.wrapped_key, of.uid))]
    keys += [(one.from_id, keyring.data_key(one.wrapped_key, of.uid)) for one in old]
    there = {one.from_id: one for one in session.scalars(select(Brought).where(Brought.person_id == to.id))}
    for from_id, key in keys:
        if from_id in there:
            if ended is None:  # taking apart brings what can be read, and ends nothing that a merge before this one joined
                there[from_id].ended_at = None
        elif from_id != to.id:
            wrapped = keyring.current.encode() + b"." + seal(keyring.masters[keyring.current], key.hex(), f"key:{to.uid}")
            session.add(Brought(person_id=to.id, from_id=from_id, wrapped_key=wrapped, at=at, ended_at=ended))


def _part(session: Session, row: Merge, at: datetime) -> None:
    """The one who stayed is no longer the one who went, nor whoever had gone into that one before."""
    theirs = [row.gone_id, *session.scalars(select(Brought.from_id).where(Brought.person_id == row.gone_id))]
    for brought in session.scalars(select(Brought).where(Brought.person_id == row.kept_id, Brought.from_id.in_(theirs))):
        brought.ended_at = at


def _fill_in(session: Session, row: Merge, kept: Person, gone: Person, phone: str) -> None:
    """What the one who stays does not know of themselves, the other one brings."""
    row.before = json.dumps({name: getattr(kept, name) for name in ("phone", "document", "login_name", "password_hash")})
    if kept.born_on is None:
        moves.set_value(session, row, kept, "born_on", gone.born_on)
    if gone.login_name and not kept.login_name:
        name, gone.login_name = gone.login_name, None
        session.flush()  # a log-in name is one person's
        kept.login_name, kept.password_hash = name, gone.password_hash
    if gone.phone and (phone == "gone" or not kept.phone):
        kept.phone, kept.phone_index = gone.phone, gone.phone_index
    if gone.document and not kept.document:
        kept.document, kept.document_index = gone.document, gone.document_index


def _take_out(session: Session, row: Merge) -> None:
    """Telephone, document and log-in as they were, where nobody has changed them since."""
    kept, gone = row.kept, row.gone
    before = json.loads(row.before or "{}")
    for name in ("phone", "document"):
        if getattr(kept, name) != before.get(name) and getattr(kept, name) == getattr(gone, name):
            setattr(kept, name, before.get(name))
            setattr(kept, f"{name}_index", _index(session, name, before.get(name)))
    if kept.login_name and not before.get("login_name") and not gone.login_name:
        name, kept.login_name, kept.password_hash = kept.login_name, None, before.get("password_hash")
        session.flush()  # a log-in name is one person's
        gone.login_name = name


def _index(session: Session, name: str, value: str | None) -> str | None:
    return session.info["keyring"].blind(name, value) if value else None


def _as_volunteers(session: Session, row: Merge, at: datetime) -> None:
    """Of two volunteers the one who goes is closed, and what they have shown better counts for the one who stays."""
    kept, gone = session.get(Volunteer, row.kept_id), session.get(Volunteer, row.gone_id)
    if kept is None or gone is None:
        return
    for name in BETTER:
        days = [day for day in (getattr(kept, name), getattr(gone, name)) if day is not None]
        moves.set_value(session, row, kept, name, max(days, default=None))
    mine = {skill.skill_id: skill for skill in _skills(session, kept.id)}
    for skill in _skills(session, gone.id):
        if (own := mine.get(skill.skill_id)) is not None:
            _better(session, row, own, skill)
    moves.set_value(session, row, gone, "standing", Standing.CLOSED)
    moves.set_value(session, row, gone, "standing_at", at)


def _skills(session: Session, volunteer_id: int) -> list[VolunteerSkill]:
    return list(session.scalars(select(VolunteerSkill).where(VolunteerSkill.volunteer_id == volunteer_id)))


def _better(session: Session, row: Merge, own: VolunteerSkill, other: VolunteerSkill) -> None:
    moves.set_value(session, row, own, "proficiency", max(own.proficiency, other.proficiency))
    days = [day for day in (own.licence_until, other.licence_until) if day is not None]
    moves.set_value(session, row, own, "licence_until", max(days, default=None))


def _settle_pair(session: Session, actor: Actor, kept_id: int, gone_id: int, path: str, at: datetime) -> None:
    """The suggestion is answered; others about the entry that went are no longer to be asked."""
    pair = pair_of(session, kept_id, gone_id)
    if pair is None:
        pair = Pair(
            one_id=min(kept_id, gone_id),
            other_id=max(kept_id, gone_id),
            site_path=path,
            why=[],
            state=PairState.OPEN,
            found_at=at,
        )
        session.add(pair)
    pair.advance(PairAction.MERGE)
    pair.decided_at, pair.decided_by = at, actor.user_id


def changes_of(session: Session, row: Merge) -> int:
    """Return how many values a merge changed."""
    return session.scalar(select(func.count(Change.id)).where(Change.merge_id == row.id)) or 0


def refuse(session: Session, actor: Actor, pair_id: int, reason: str, *, at: datetime) -> Pair:
    """Say that a pair are two people: it is never suggested again. A repeated act changes nothing."""
    pair = lock(session, Pair, pair_id)
    if not actor.can(P, at=pair.site_path):
        raise NotFound("pair")
    if pair.state is PairState.REFUSED:
        return pair
    pair.advance(PairAction.REFUSE)
    pair.reason, pair.decided_at, pair.decided_by = reason.strip()[:REASON], at, actor.user_id
    record(session, actor, "pair_refused", f"person:{pair.one_id}", at=at, site_path=pair.site_path, other=pair.other_id)
    return pair
