"""冲正: taking booked minutes back, by somebody who answers for the unit that booked them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.accounts.models import Person
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import book, points
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.origins import line_of, standing_of
from volunteer.ledger.rules import person_of, site_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site


def take_back(session: Session, actor: Actor, transfer_id: int, note: str, *, at: datetime) -> Transfer:
    """Undo one entry of somebody's minutes by its mirror; the person is told why. A repeated act changes nothing.

    Raises NotFound for an entry of another place, Conflict for one's own entry, Invalid without a reason.
    """
    transfer = standing_of(session, load(session, Transfer, transfer_id))
    line = line_of(session, transfer)  # of a merged person: every account that the entry has passed through
    site_id, person_id = site_of(line[-1].source.owner), person_of(transfer.target.owner)
    if transfer.unit is not Unit.MINUTES or site_id is None or person_id is None:
        raise NotFound("transfer")
    path = load(session, Site, site_id).path
    actor.must(Permission.HOURS_CORRECT, at=path)
    if same_person(session, person_id, actor.user_id):
        raise Conflict("own_hours", N_("Nobody changes their own hours. Please ask a colleague."))
    note = reason_of(note, "note")

    before = transfer.id
    back, *_ = [book.reverse(session, one, note=note, at=at) for one in line]
    if len(line) > 1:
        points.fetch(session, line[-1], transfer.target.owner, at=at)
    claims = points.undo(session, line[-1], note=note, at=at)
    for claim in claims:
        claim.person_id = person_id
    if back.at == at:  # else it was taken back before, and everybody knows
        owed = sum(claim.points for claim in claims)  # spent already: staff decide about it
        more = {"points_owed": owed} if owed else {}
        record(session, actor, "hours_taken_back", f"transfer:{before}", at=at, site_path=path, **more)
        holder = load(session, Person, person_id)
        params = {"minutes": transfer.amount, "reason": note.strip()}
        tell(session, Recipient(person_id, locale=holder.locale), "hours_taken_back", params, at=at, about=transfer.about)
    return back
