"""Points between a person's two accounts: taken out, brought in, given back. The only writers of transfers and their bookings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import book
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.rules import came_from, exchange, person, went_to
from volunteer.messaging.outbox import Recipient, tell
from volunteer.rewards.partners import calls
from volunteer.rewards.partners.lifecycle import FIRST, OPEN, Action, LinkState, Sender, Status
from volunteer.rewards.partners.models import CallKind, Exchange, Partner, PartnerAccount, PartnerRate
from volunteer.rewards.partners.rules import HOLD, LARGEST, WIRE, Rate

DAY = timedelta(days=1)
COUNTED = (*sorted(OPEN), Status.CONFIRMED)
OUT, BACK_WHY = "exchange_out", N_("The other platform did not take the points.")
OVER = N_("Nobody answered in time.")


def send_points(session: Session, actor: Actor, link_id: int, points: int, *, at: datetime) -> Exchange:
    """Take points from the actor's account and ask the partner to keep room for them. Raises NotFound, Invalid, Conflict."""
    link = load(session, PartnerAccount, link_id)
    if link.person_id != actor.user_id or not actor.may(Permission.POINTS_OWN):
        raise NotFound("partneraccount")
    if type(points) is not int or not 1 <= points <= LARGEST:
        raise Invalid.field("points", N_("Please write how many points."))
    partner = lock(session, Partner, link.partner_id)
    if link.state is not LinkState.VERIFIED:
        raise Conflict("not_linked", N_("This account is not confirmed by the other platform yet."))
    must_be_open(partner, Sender.CENTRE)
    today = local_date(at, zone_of(session))
    found = agreed_rate(session, partner.id, today)
    theirs = Rate(found.ours, found.theirs).to_theirs(points)
    must_have_room(session, partner, Sender.CENTRE, link.person_id, points, today)

    made = _made(session, link, found, Sender.CENTRE, None, points, theirs, today, at)
    owner = person(link.person_id)
    book.move(
        session, Unit.POINTS, points, source=owner, target=exchange(made.id), reason=OUT, key=f"exchange:{made.id}:reserve",
        at=at, about=f"exchange:{made.id}", policy_version=f"rate:{found.id}",
    )  # fmt: skip
    _say(
        session, made, CallKind.RESERVE, at, points=points_of(made), day=today.isoformat(), expires_at=made.expires_at.isoformat()
    )
    record(session, actor, "exchange_asked", f"exchange:{made.id}", at=at, site_path=partner.site.path)
    return made


def take_back(session: Session, actor: Actor, exchange_id: int, *, at: datetime) -> Exchange:
    """Let a transfer be that the partner has not answered yet. A second tap changes nothing. Raises NotFound, Conflict."""
    made = lock(session, Exchange, exchange_id)
    if made.person_id != actor.user_id or made.sender is not Sender.CENTRE:
        raise NotFound("exchange")
    if made.status is Status.RETURNED:
        return made
    if made.status is not Status.HELD:
        raise Conflict("too_late", N_("The other platform has answered already. It will be finished in a moment."))
    give_back(session, made, N_("You took it back."), at=at)
    record(session, actor, "exchange_taken_back", f"exchange:{made.id}", at=at, site_path=made.partner.site.path)
    return made


def reserved_there(session: Session, made: Exchange, *, at: datetime) -> None:
    """The partner keeps room: from here on only its own word ends the transfer."""
    if made.status is Status.HELD:
        made.advance(Action.RESERVE, at)
        ask_confirm(session, made, at=at)
    elif made.status is Status.RETURNED:  # it was taken back meanwhile
        _say(session, made, CallKind.CANCEL, at)


def ask_confirm(session: Session, made: Exchange, *, at: datetime) -> None:
    """Tell the partner to take the points for good."""
    _say(session, made, CallKind.CONFIRM, at)


def confirmed_there(session: Session, made: Exchange, *, at: datetime) -> None:
    """The partner has the points: ours leave for good."""
    if made.status is Status.CONFIRMED:
        return
    made.advance(Action.CONFIRM, at)
    book.move(
        session, Unit.POINTS, made.ours, source=exchange(made.id), target=went_to(made.partner_id), reason=OUT,
        key=f"exchange:{made.id}:confirm", at=at, about=f"exchange:{made.id}", policy_version=f"rate:{made.rate_id}",
    )  # fmt: skip
    _tell(session, made, "exchange_done", at)


def give_back(session: Session, made: Exchange, why: str, *, at: datetime) -> None:
    """The points go back to the person, once. Tells the partner too when it may have room for them."""
    if made.status is Status.RETURNED:
        return
    may_know = made.status is Status.HELD
    made.advance(Action.GIVE_BACK, at, why)
    taken = session.scalars(select(Transfer).where(Transfer.key == f"exchange:{made.id}:reserve")).one()
    book.reverse(session, taken, note=why, at=at)
    calls.drop(session, made.id, CallKind.RESERVE, CallKind.CONFIRM)
    if may_know:
        _say(session, made, CallKind.CANCEL, at)
    _tell(session, made, "exchange_back", at)


def reserve(
    session: Session, partner: Partner, wire: str, account: str, ours: int, theirs: int, day: date, *, at: datetime
) -> Exchange:
    """Keep room for points that a partner wants to send. The same id with the same content is the same act.

    Raises NotFound for an account that nobody linked, Invalid for what is not by the rate or too much, Conflict for another
    transfer under this id.
    """
    if not WIRE.fullmatch(wire):
        raise Invalid.field("id", N_("This does not look right."))
    partner = lock(session, Partner, partner.id)
    if (known := by_wire(session, partner.id, Sender.PARTNER, wire)) is not None:
        if (known.ours, known.theirs, known.link.account) != (ours, theirs, account):
            raise Conflict("id_taken", N_("This id was used for another transfer."))
        return known
    must_be_open(partner, Sender.PARTNER)
    today = local_date(at, zone_of(session))
    if abs((day - today).days) > 1:
        raise Invalid.field("day", N_("This is not today."))
    link = linked(session, partner.id, account)
    if link is None:
        raise NotFound("account")
    found = agreed_rate(session, partner.id, today)
    if not Rate(found.ours, found.theirs).fits(ours, theirs) or ours > LARGEST:
        raise Invalid.field(
            "points", N_("This is not by the rate of today: %(ours)s to %(theirs)s."), ours=found.ours, theirs=found.theirs
        )
    must_have_room(session, partner, Sender.PARTNER, link.person_id, ours, today)

    return _made(session, link, found, Sender.PARTNER, wire, ours, theirs, day, at)


def confirm(session: Session, made: Exchange, *, at: datetime) -> Exchange:
    """The partner's points come in, once. A repeat is harmless; too late is a Conflict, and nothing came in."""
    if made.status is Status.CONFIRMED:
        return made
    if made.status is Status.RESERVED and made.expires_at <= at:
        made.advance(Action.EXPIRE, at, OVER)
    if made.status is not Status.RESERVED:
        return made  # its answer says so
    made.advance(Action.CONFIRM, at)
    book.move(
        session, Unit.POINTS, made.ours, source=came_from(made.partner_id), target=person(made.person_id), reason="exchange_in",
        key=f"exchange:{made.id}:confirm", at=at, about=f"exchange:{made.id}", policy_version=f"rate:{made.rate_id}",
    )  # fmt: skip
    _tell(session, made, "exchange_came", at)
    return made


def cancel(session: Session, made: Exchange, *, at: datetime) -> Exchange:
    """The partner does not want it after all. What was confirmed stays so, and the answer says it."""
    if made.status is Status.RESERVED:
        made.advance(Action.CANCEL, at)
    return made


def expire(session: Session, made: Exchange, *, at: datetime) -> None:
    """What nobody confirmed in time: room is given up; ours go home unless the partner has answered."""
    if made.sender is Sender.PARTNER and made.status is Status.RESERVED:
        made.advance(Action.EXPIRE, at, OVER)
    elif made.status is Status.HELD:
        give_back(session, made, OVER, at=at)


def decide(session: Session, actor: Actor, exchange_id: int, went: bool, note: str, *, at: datetime) -> Exchange:
    """A person settles a transfer that hangs, after speaking with the partner. Raises Conflict for any other."""
    made = lock(session, Exchange, exchange_id)
    actor.must(Permission.PARTNERS_MANAGE, at=made.partner.site.path)
    if same_person(session, made.person_id, actor.user_id):
        raise Conflict("own_points", N_("Nobody decides about their own points. Please ask a colleague."))
    note = reason_of(note, "note")
    if made.sender is not Sender.CENTRE or made.status is not Status.RESERVED or made.expires_at > at:
        raise Conflict("not_hanging", N_("This transfer does not hang: it ends by itself."))
    if went:
        confirmed_there(session, made, at=at)
        calls.drop(session, made.id, CallKind.CONFIRM)
    else:
        give_back(session, made, note.strip(), at=at)
    made.note = note.strip()
    record(session, actor, "exchange_decided", f"exchange:{made.id}", at=at, site_path=made.partner.site.path, went=went)
    return made


def must_be_open(partner: Partner, sender: Sender) -> None:
    """Raise Conflict when nothing new may move in this direction."""
    if not partner.active or partner.refused_at is not None or not (partner.gives if sender is Sender.CENTRE else partner.takes):
        raise Conflict("partner_closed", N_("Nothing can be moved in this direction just now."))


def agreed_rate(session: Session, partner_id: int, day: date) -> PartnerRate:
    """Return the rate that holds on ``day``. Raises Conflict when none does."""
    found = select(PartnerRate).where(PartnerRate.partner_id == partner_id, PartnerRate.valid_from <= day)
    rate = session.scalars(found.order_by(PartnerRate.valid_from.desc(), PartnerRate.id.desc()).limit(1)).first()
    if rate is None:
        raise Conflict("no_rate", N_("No rate is agreed with this platform yet."))
    return rate


def must_have_room(session: Session, partner: Partner, sender: Sender, person_id: int, points: int, today: date) -> None:
    """Raise Invalid when the limits of today are used up. The partner is held, so two cannot both be the last.

    Counted by when it was asked for here: a partner that writes tomorrow's day on its messages has no second limit.
    """
    since = start_of_day(today, zone_of(session))
    around = Exchange.day.between(today - DAY, today + DAY)  # what may have been written on a message of today, by an index
    of_day = [Exchange.partner_id == partner.id, around, Exchange.made_at >= since, Exchange.sender == sender]
    of_day.append(Exchange.status.in_(COUNTED))
    everybody = session.scalar(select(func.coalesce(func.sum(Exchange.ours), 0)).where(*of_day)) or 0
    own = session.scalar(select(func.coalesce(func.sum(Exchange.ours), 0)).where(*of_day, Exchange.person_id == person_id)) or 0
    partner.limits.must_allow(points, of_person=int(own), of_all=int(everybody))


def linked(session: Session, partner_id: int, account: str) -> PartnerAccount | None:
    """Return the verified link of an account over there."""
    found = select(PartnerAccount).where(
        PartnerAccount.partner_id == partner_id, PartnerAccount.taken == blind(session, partner_id, account)
    )
    link = session.scalars(found).first()
    return link if link is not None and link.state is LinkState.VERIFIED else None


def blind(session: Session, partner_id: int, account: str) -> str:
    """Return the index by which an account over there is found."""
    return str(session.info["keyring"].blind(f"partner:{partner_id}", account))


def by_wire(session: Session, partner_id: int, sender: Sender, wire: str) -> Exchange | None:
    """Return a transfer by the sender's id for it, held."""
    mine = (Exchange.partner_id == partner_id, Exchange.sender == sender, Exchange.wire == wire)
    found = session.scalar(select(Exchange.id).where(*mine))
    return None if found is None else lock(session, Exchange, found)


def _made(
    session: Session,
    link: PartnerAccount,
    rate: PartnerRate,
    sender: Sender,
    wire: str | None,
    ours: int,
    theirs: int,
    day: date,
    at: datetime,
) -> Exchange:
    made = Exchange(
        partner_id=link.partner_id, person_id=link.person_id, link_id=link.id, sender=sender, ours=ours, theirs=theirs,
        rate_id=rate.id, status=FIRST[sender], day=day, made_at=at, expires_at=at + HOLD,
    )  # fmt: skip
    made.wire = wire or made.uid
    session.add(made)
    session.flush()  # the account is named after the id
    return made


def points_of(made: Exchange) -> dict[str, int]:
    """Return both amounts as they travel."""
    return {"centre": made.ours, "partner": made.theirs}


def _say(session: Session, made: Exchange, kind: CallKind, at: datetime, **more: Any) -> None:
    calls.queue(session, made.partner_id, kind, at=at, exchange=made, id=made.wire, sender=made.sender.value, **more)


def _tell(session: Session, made: Exchange, template: str, at: datetime) -> None:
    params = {"points": made.ours, "partner": made.partner.name}
    tell(session, Recipient(made.person_id, locale=made.person.locale), template, params, at=at, about=f"exchange:{made.id}")
