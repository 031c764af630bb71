"""补录, the first hand: somebody says that hours are missing. A volunteer for themself, a leader for members, staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import GRANTS, Actor, Permission, Role
from volunteer.attendance.by_hand import telling
from volunteer.attendance.by_hand.lifecycle import AskAction, AskStatus, next_status
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.by_hand.queries import asked_in_month, stays_near
from volunteer.attendance.by_hand.rules import SHORTEST, is_past, month_of, too_long_days
from volunteer.attendance.tariff import Stay
from volunteer.audit.recording import record
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.media.models import Photo
from volunteer.places.models import Site
from volunteer.places.policies import by_hand_at
from volunteer.places.terms import ByHand
from volunteer.teams.models import Membership, Standing, Team, Volunteer

LONGEST_WORDS = 500


@dataclass(frozen=True, slots=True)
class AskDraft:
    """What is asked for. ``team_id``: with which team it was, if with one; ``item_id``: what of the menu it was."""

    volunteer_id: int
    began_at: datetime
    ended_at: datetime
    what: str
    why: str
    item_id: int | None = None
    team_id: int | None = None
    photo: Photo | None = None
    contest_id: int | None = None
    site_id: int | None = None  # where it is to be booked, when that is settled already


def ask_by_hand(session: Session, actor: Actor, draft: AskDraft, *, at: datetime) -> HoursAsk:
    """Ask for hours to be written in. Nothing is booked: a second person of the site decides.

    Raises NotFound for somebody else's volunteer, Invalid for times and words that cannot be, Conflict past a limit.
    """
    volunteer = lock(session, Volunteer, draft.volunteer_id)  # two requests of one month wait for each other
    team = load(session, Team, draft.team_id) if draft.team_id is not None else None
    site = load(session, Site, draft.site_id) if draft.site_id else team.site if team else volunteer.site
    _must_be_theirs(session, actor, volunteer, team, site, draft)
    terms = by_hand_at(session, site.path, at)
    _must_be_sound(session, draft, terms, at)
    _must_fit(session, draft, site, terms)

    ask = HoursAsk(
        volunteer=volunteer, team=team, site=site, site_path=site.path, item_id=draft.item_id, began_at=draft.began_at,
        ended_at=draft.ended_at, photo=draft.photo, contest_id=draft.contest_id, asked_by=actor.user_id, asked_at=at,
        status=AskStatus.ASKED,
    )  # fmt: skip
    session.add(ask)
    ask.what, ask.why = draft.what.strip(), draft.why.strip()
    session.flush()  # messages and the log name it
    record(session, actor, "hours_asked", ask.about, at=at, site_path=site.path, minutes=ask.asked_minutes)
    telling.tell_deciders(session, ask, at=at)
    if volunteer.id != actor.user_id:
        telling.tell_volunteer(session, ask, "hours_asked_for_you", at=at)
    return ask


def withdraw_ask(session: Session, actor: Actor, ask_id: int, *, at: datetime) -> HoursAsk:
    """Whoever asked, or the volunteer themself, takes the request back before it is decided. Twice changes nothing."""
    ask = lock(session, HoursAsk, ask_id)
    if actor.user_id is None or actor.user_id not in {ask.asked_by, ask.volunteer_id}:
        raise NotFound("hours_ask")
    if ask.status is AskStatus.WITHDRAWN:
        return ask
    next_status(ask.status, AskAction.WITHDRAW)

    ask.advance(AskAction.WITHDRAW, by=actor, at=at)
    record(session, actor, "hours_ask_withdrawn", ask.about, at=at, site_path=ask.site_path)
    if actor.user_id != ask.volunteer_id:
        telling.tell_volunteer(session, ask, "hours_ask_withdrawn", at=at)
    return ask


def is_staff_for_hours(actor: Actor, path: str) -> bool:
    """Return whether a role of staff over ``path`` lets this actor ask; a leader's right ends with the own team."""
    return any(
        Permission.HOURS_ADD in GRANTS[role] and role is not Role.TEAM_LEADER and path.startswith(scope)
        for role, scope in actor.grants
    )


def is_staff_anywhere(actor: Actor) -> bool:
    """Return whether this actor asks by volunteer number, as staff do."""
    return any(Permission.HOURS_ADD in GRANTS[role] and role is not Role.TEAM_LEADER for role, _ in actor.grants)


def _must_be_theirs(session: Session, actor: Actor, volunteer: Volunteer, team: Team | None, site: Site, draft: AskDraft) -> None:
    """Raise NotFound unless this actor may ask for this volunteer, and the volunteer was of the team then."""
    if volunteer.id == actor.user_id:
        if volunteer.standing is not Standing.ACTIVE or not actor.may(Permission.HOURS_SEE_OWN):
            raise Forbidden(Permission.HOURS_SEE_OWN.value)
    elif not (team is not None and team.id in actor.leads) and not is_staff_for_hours(actor, site.path):
        raise NotFound("volunteer")
    if team is None:
        return
    then = (
        Membership.team_id == team.id,
        Membership.volunteer_id == volunteer.id,
        Membership.since <= draft.ended_at,
        Membership.until.is_(None) | (Membership.until > draft.began_at),
    )
    if session.scalar(select(Membership.id).where(*then).limit(1)) is None:
        raise Invalid.field("team", N_("They were not in this team at that time."))


def _must_be_sound(session: Session, draft: AskDraft, terms: ByHand, at: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    for name, words in (("what", draft.what), ("why", draft.why)):
        if not words.strip():
            wrong[name] = [N_("Please write a few words.")]
        elif len(words) > LONGEST_WORDS:
            wrong[name] = [N_("That is a little long. Please say it in fewer words.")]
    zone = zone_of(session)
    if draft.ended_at > at:
        wrong["ended_at"] = [N_("That time is still to come.")]
    elif draft.ended_at - draft.began_at < SHORTEST:
        wrong["ended_at"] = [N_("The end cannot be before the beginning.")]
    elif (local_date(at, zone) - local_date(draft.began_at, zone)) > timedelta(days=terms.days_back):
        wrong["began_at"] = [N_("This is too long ago to be written in.")]
    if draft.item_id is not None and session.get(ServiceItem, draft.item_id) is None:
        wrong["item"] = [N_("Please choose one of these.")]
    if wrong:
        raise Invalid("invalid_hours_ask", N_("Please check the fields that are marked."), wrong)


def _must_fit(session: Session, draft: AskDraft, site: Site, terms: ByHand) -> None:
    """Nobody has days of 25 hours, or more by hand in a month than the centre lets through."""
    stay, zone = Stay(draft.began_at, draft.ended_at), zone_of(session)
    if too_long_days(stay, stays_near(session, draft.volunteer_id, stay), zone):
        raise Invalid.field("ended_at", N_("Together with what is recorded already that day would have more than 24 hours."))
    used = asked_in_month(session, draft.volunteer_id, month_of(draft.began_at, zone), zone)
    if is_past(terms.person_month, used, (draft.ended_at - draft.began_at) // timedelta(minutes=1)):
        raise Conflict(
            "by_hand_person_limit",
            N_("More than this is not written in by hand for one person in one month. Please talk to your station."),
        )
