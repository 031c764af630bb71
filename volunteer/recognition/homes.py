"""户: founding one, inviting, agreeing, leaving. Nobody is in a home who did not agree, and nobody is in two."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, county_of
from volunteer.accounts.models import Person
from volunteer.audit.recording import record
from volunteer.kernel import serials
from volunteer.kernel.checks import NAMELESS, Checks
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Grid, Site, SiteLevel
from volunteer.places.policies import terms_at
from volunteer.places.terms import Homes
from volunteer.recognition.lifecycle import HomeState, SeatAction
from volunteer.recognition.models_homes import Home, HomeMember
from volunteer.teams.ages import is_guarded, needs_guardian
from volunteer.teams.models import Standing, Volunteer
from volunteer.teams.models_volunteers import Guardian

LINK_LASTS = timedelta(days=7)
LONGEST_NAME = 30
OPEN = (HomeState.INVITED, HomeState.MEMBER)
IN_ONE = N_("You are in a household already. Please leave that one first.")
GROWN_UP = N_("A household is headed by somebody of age.")
LINK_OVER = N_("This invitation is over. Please ask for a new one.")


def found(session: Session, actor: Actor, name: str, site_id: int, grid_id: int | None = None, *, at: datetime) -> Home:
    """Found a home at a station, with oneself as its head and first member. Raises Invalid, Conflict."""
    person = _me(session, actor)
    checks = Checks()
    tidy = checks.text("name", name, LONGEST_NAME, missing=NAMELESS)
    site = session.get(Site, site_id)
    if site is None or site.closed_at is not None or site.level is not SiteLevel.STATION:
        checks.say("site", N_("Please choose your village."))
    grid = session.get(Grid, grid_id) if grid_id else None
    if grid_id and (grid is None or grid.site_id != site_id or grid.closed_at is not None):
        checks.say("grid", N_("Please choose one of these."))
    checks.done()
    today = local_date(at, zone_of(session))
    if needs_guardian(person.born_on, today):
        raise Conflict("too_young", GROWN_UP)
    mine = membership(session, person.id)
    if mine is not None:
        if mine.home.head_id == person.id and mine.home.name == tidy:
            return mine.home  # a second tap
        raise Conflict("in_a_home", IN_ONE)

    month = f"{today:%y%m}"
    home = Home(
        number=f"H{month}-{serials.take(session, f'home:{month}'):04d}", name=tidy, site_id=site_id, grid_id=grid_id,
        head_id=person.id, founded_at=at,
    )  # fmt: skip
    session.add(home)
    home.members.append(HomeMember(person=person, state=HomeState.MEMBER, invited_at=at, since=today))
    session.flush()  # the audit log names its number
    record(session, actor, "home_founded", _about(home), at=at, site_path=load(session, Site, site_id).path)
    return home


def invite(session: Session, actor: Actor, number: str, *, at: datetime) -> HomeMember:
    """Invite a volunteer of the county by number; they are told and agree or not. Twice is once."""
    home = _headed(session, actor)
    volunteer = session.scalar(select(Volunteer).where(Volunteer.number == "".join(number.split()).upper()[:20]))
    site = load(session, Site, home.site_id)
    known = volunteer is not None and volunteer.standing is Standing.ACTIVE
    if volunteer is None or not known or county_of(volunteer.site.path) != county_of(site.path):
        raise Invalid.field("number", N_("Nobody of this county is known by that."))
    for member in home.members:
        if member.person_id == volunteer.id and member.state in OPEN:
            return member
    _room(session, home, site, at)
    member = HomeMember(person=volunteer.person, state=HomeState.INVITED, invited_by=actor.user_id, invited_at=at)
    home.members.append(member)
    session.flush()  # the page that answers names its id
    _tell(session, volunteer.person, "home_invites", home, at)
    return member


def open_link(session: Session, actor: Actor, *, at: datetime) -> str:
    """Return the token of a link that is good for seven days; an earlier one ends."""
    home, token = _headed(session, actor), serials.token()
    home.link_hash, home.link_until = _hash(token), at + LINK_LASTS
    return token


def close_link(session: Session, actor: Actor, *, at: datetime) -> None:
    """End the open link."""
    home = _headed(session, actor)
    home.link_hash = home.link_until = None


def by_link(session: Session, token: str, *, at: datetime) -> Home:
    """Return the home that an open link leads to. Raises NotFound for a link that nobody gave out, or that is over."""
    home = session.scalar(select(Home).where(Home.link_hash == _hash(token), Home.closed_at.is_(None)))
    if home is None or home.link_until is None or home.link_until <= at:
        raise NotFound("home")
    return home


def join(session: Session, actor: Actor, token: str, *, at: datetime) -> Home:
    """Agree by the link: from today one's hours count for this home."""
    person = _me(session, actor)
    home = lock(session, Home, by_link(session, token, at=at).id)
    if home.link_hash != _hash(token):
        raise Conflict("link_over", LINK_OVER)
    mine = [member for member in home.members if member.person_id == person.id and member.state in OPEN]
    if any(member.state is HomeState.MEMBER for member in mine):
        return home
    member = mine[0] if mine else None
    if member is None:
        _room(session, home, load(session, Site, home.site_id), at)
        member = HomeMember(person=person, state=HomeState.INVITED, invited_at=at)
        home.members.append(member)
    _enter(session, actor, home, member, at)
    return home


def answer(session: Session, actor: Actor, member_id: int, *, yes: bool, at: datetime) -> HomeMember:
    """Agree to an invitation, or not. Raises NotFound for somebody else's, Conflict in another home or without a guardian."""
    _me(session, actor)
    asked = load(session, HomeMember, member_id)
    home = lock(session, Home, asked.home_id)
    session.refresh(asked)
    if asked.person_id != actor.user_id or asked.state is HomeState.LEFT:
        raise NotFound("home_member")
    if asked.state is not HomeState.INVITED:
        return asked
    if home.closed_at is not None:
        raise Conflict("link_over", LINK_OVER)
    if yes:
        _enter(session, actor, home, asked, at)
    else:
        asked.advance(SeatAction.REFUSE)
    return asked


def leave(session: Session, actor: Actor, *, at: datetime) -> Home:
    """Leave one's home; what was served until today stays with it. The head hands it on first, or ends it."""
    mine = _mine(session, actor)
    if mine.home.head_id == actor.user_id:
        raise Conflict("head_leaves", N_("Please hand the household on first, or end it."))
    _go(session, mine, at)
    record(session, actor, "home_left", _about(mine.home), at=at)
    _tell(session, mine.home.head, "home_left", mine.home, at)
    return mine.home


def remove(session: Session, actor: Actor, member_id: int, *, at: datetime) -> HomeMember:
    """The head takes an invitation back, or somebody out who no longer lives there; they are told."""
    home = _headed(session, actor)
    member = _of(home, member_id)
    if member.person_id == home.head_id:
        raise Conflict("head_leaves", N_("Please hand the household on first, or end it."))
    if member.state is HomeState.INVITED:
        member.advance(SeatAction.REFUSE)
    elif member.state is HomeState.MEMBER:
        _go(session, member, at)
        record(session, actor, "home_member_removed", _about(home), at=at)
        _tell(session, member.person, "home_removed", home, at)
    return member


def hand_on(session: Session, actor: Actor, member_id: int, *, at: datetime) -> Home:
    """Another member of age becomes the head."""
    home = _headed(session, actor)
    member = _of(home, member_id)
    if member.state is not HomeState.MEMBER:
        raise NotFound("home_member")
    if needs_guardian(member.person.born_on, local_date(at, zone_of(session))):
        raise Conflict("too_young", GROWN_UP)
    home.head = member.person
    home.link_hash = home.link_until = None
    record(session, actor, "home_handed_on", _about(home), at=at)
    _tell(session, member.person, "home_headed", home, at)
    return home


def close(session: Session, actor: Actor, *, at: datetime) -> Home:
    """End the home: everybody leaves today; its months stay."""
    home = _headed(session, actor)
    for member in home.members:
        if member.state is HomeState.MEMBER:
            _go(session, member, at)
        elif member.state is HomeState.INVITED:
            member.advance(SeatAction.REFUSE)
    home.closed_at, home.link_hash, home.link_until = at, None, None
    record(session, actor, "home_closed", _about(home), at=at)
    return home


def membership(session: Session, person_id: int) -> HomeMember | None:
    """Return the home that somebody is in now."""
    mine = HomeMember.person_id == person_id, HomeMember.state == HomeState.MEMBER
    return session.scalar(select(HomeMember).where(*mine).options(joinedload(HomeMember.home)))


def invitations(session: Session, person_id: int) -> list[HomeMember]:
    """Return the homes that ask somebody in."""
    mine = HomeMember.person_id == person_id, HomeMember.state == HomeState.INVITED
    found = select(HomeMember).where(*mine).options(joinedload(HomeMember.home).joinedload(Home.site))
    return list(session.scalars(found.order_by(HomeMember.id)).all())


def _enter(session: Session, actor: Actor, home: Home, member: HomeMember, at: datetime) -> None:
    """Become a member today. Locks the person after the home: two homes at once are decided one after the other."""
    today = local_date(at, zone_of(session))
    person = lock(session, Person, actor.user_id)
    if membership(session, person.id) is not None:
        raise Conflict("in_a_home", IN_ONE)
    if not _is_guarded(session, person, today):
        raise Conflict("no_guardian", N_("Your guardian has to agree first. Please speak with your station."))
    member.advance(SeatAction.ENTER)
    member.since = today
    session.flush()  # refused here when somebody is in another home already
    record(session, actor, "home_joined", _about(home), at=at)
    if home.head_id != person.id:
        _tell(session, home.head, "home_joined", home, at)


def _is_guarded(session: Session, person: Person, today: date) -> bool:
    guardian = session.scalar(select(Guardian).where(Guardian.volunteer_id == person.id))
    heard = guardian is not None and guardian.heard_at is not None
    return is_guarded(person.born_on, today, consented=guardian is not None, heard=heard)


def _room(session: Session, home: Home, site: Site, at: datetime) -> None:
    most = terms_at(session, site.path, Homes, at).most_members
    there = (HomeMember.home_id == home.id, HomeMember.state.in_(OPEN))
    if (session.scalar(select(func.count(HomeMember.id)).where(*there)) or 0) >= most:
        raise Conflict("home_full", N_("This household is full."))


def _me(session: Session, actor: Actor) -> Person:
    if actor.user_id is None:
        raise NotFound("person")
    return load(session, Person, actor.user_id)


def _mine(session: Session, actor: Actor) -> HomeMember:
    """One's own membership, the home held."""
    mine = membership(session, _me(session, actor).id)
    if mine is None:
        raise NotFound("home")
    lock(session, Home, mine.home_id)
    session.refresh(mine)
    if mine.state is not HomeState.MEMBER:
        raise NotFound("home")
    return mine


def _headed(session: Session, actor: Actor) -> Home:
    """The home that the actor heads, held. Raises NotFound: to everybody else there is no such act."""
    mine = _mine(session, actor)
    if mine.home.head_id != actor.user_id:
        raise NotFound("home")
    session.expire(mine.home, ["members"])
    return mine.home


def _of(home: Home, member_id: int) -> HomeMember:
    member = next((one for one in home.members if one.id == member_id), None)
    if member is None:
        raise NotFound("home_member")
    return member


def _go(session: Session, member: HomeMember, at: datetime) -> None:
    member.advance(SeatAction.LEAVE)
    member.until = local_date(at, zone_of(session))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _about(home: Home) -> str:
    return f"home:{home.number}"


def _tell(session: Session, person: Person, template: str, home: Home, at: datetime) -> None:
    tell(session, Recipient(person.id, None, person.locale), template, {"home": home.name}, at=at, about=_about(home))
