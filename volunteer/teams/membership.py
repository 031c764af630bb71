"""Joining and leaving teams, deputies, and who leads: a team is never without a leader."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.teams import telling
from volunteer.teams.belonging import led_team, members_of, membership
from volunteer.teams.founding import active_volunteer
from volunteer.teams.lifecycle import ANSWERS, Answer, AnswerAction
from volunteer.teams.models import MemberRole, Membership, Standing, Team, Volunteer
from volunteer.teams.models_teams import AskKind, TeamAsk
from volunteer.teams.refreshing import refresh_teams

LAST_LEADER = N_("You lead this team alone. First name somebody who takes over, or give the team back to the site.")
CLOSED_TEAM = N_("This team is closed.")


def ask_to_join(session: Session, actor: Actor, team_id: int, words: str = "", *, at: datetime) -> TeamAsk:
    """A volunteer asks to be let in; asked twice is asked once. An invitation that waits is taken up at once."""
    volunteer = active_volunteer(session, actor)
    team = _open(session, team_id)
    _must_be_outside(session, team, volunteer.id, at)
    waiting = _waiting(session, team.id, volunteer.id)
    if waiting is not None:
        return answer_ask(session, actor, waiting.id, yes=True, at=at) if waiting.kind is AskKind.INVITE else waiting
    ask = _ask(session, actor, team, volunteer.id, AskKind.JOIN, words, at)
    telling.tell_leaders(session, team, "team_asked", at=at)
    return ask


def invite(session: Session, actor: Actor, team_id: int, number: str, *, at: datetime) -> TeamAsk:
    """The leader invites a volunteer by number; who asked to join already is let in."""
    team = led_team(session, actor, team_id)
    _must_be_open(team)
    volunteer = session.scalar(select(Volunteer).where(Volunteer.number == number.strip().upper()))
    if volunteer is None or volunteer.standing is not Standing.ACTIVE:
        raise Invalid.field("number", N_("There is no active volunteer with this number."))
    _must_be_outside(session, team, volunteer.id, at)
    waiting = _waiting(session, team.id, volunteer.id)
    if waiting is not None:
        return answer_ask(session, actor, waiting.id, yes=True, at=at) if waiting.kind is AskKind.JOIN else waiting
    ask = _ask(session, actor, team, volunteer.id, AskKind.INVITE, "", at)
    telling.tell_about(session, volunteer.person, "team_invites", team, at=at)
    return ask


def answer_ask(session: Session, actor: Actor, ask_id: int, *, yes: bool, words: str = "", at: datetime) -> TeamAsk:
    """Say yes or no to what one was asked; the same answer twice changes nothing."""
    ask = load(session, TeamAsk, ask_id)
    team = lock(session, Team, ask.team_id)
    session.refresh(ask)  # it may have been answered meanwhile
    _must_be_asked(actor, ask, team)
    if ask.answer is (Answer.YES if yes else Answer.NO):
        return ask
    if ask.answer is not Answer.OPEN:
        raise Conflict("ask_answered", N_("This was answered or taken back already."))
    if yes:
        _must_be_open(team)
        if load(session, Volunteer, ask.volunteer_id).standing is not Standing.ACTIVE:
            raise Conflict("not_active", N_("This is for volunteers whom their site has approved."))

    ask.advance(AnswerAction.SAY_YES if yes else AnswerAction.SAY_NO, at, by=actor)
    if ask.kind is AskKind.LEAD:
        if yes:
            _hand_over(session, team, ask.volunteer_id, ask.asked_by, leaves=ask.leaves, at=at)
        telling.tell_leaders(session, team, "lead_taken" if yes else "lead_refused", at=at, but=ask.volunteer_id)
    elif yes:
        _let_in(session, team, ask.volunteer_id, at)
        telling.tell_about(session, ask.volunteer.person, "team_joined", team, at=at)
    elif ask.kind is AskKind.JOIN:
        ask.words = " ".join(words.split())[:200]
        telling.tell_about(session, ask.volunteer.person, "team_says_no", team, at=at, reason=ask.words)
    else:
        telling.tell_leaders(session, team, "invite_refused", at=at)
    record(session, actor, "team_ask_answered", f"team:{team.id}", at=at, site_path=team.site_path, kind=ask.kind.value, yes=yes)
    return ask


def withdraw_ask(session: Session, actor: Actor, ask_id: int, *, at: datetime) -> TeamAsk:
    """Take back what one asked; the leader takes back what the team asked."""
    ask = lock(session, TeamAsk, ask_id)
    if not (actor.user_id == ask.volunteer_id and ask.kind is AskKind.JOIN) and not (
        ask.team_id in actor.leads and ask.kind is not AskKind.JOIN
    ):
        raise NotFound("ask")
    if ask.answer is Answer.OPEN:
        ask.advance(AnswerAction.WITHDRAW, at, by=actor)
    return ask


def leave_team(session: Session, actor: Actor, team_id: int, *, at: datetime) -> None:
    """Leave at once. Only who leads alone cannot: somebody has to agree to take over first. Left already is no error."""
    team = lock(session, Team, team_id)
    mine = membership(session, team.id, actor.user_id, at=at)
    if mine is None:
        return
    if mine.role is MemberRole.LEADER and not _other_leader(session, mine, at):
        raise Conflict("last_leader", LAST_LEADER)
    _end(session, mine, at)
    telling.tell_leaders(session, team, "member_left", at=at)
    record(session, actor, "team_left", f"team:{team.id}", at=at, site_path=team.site_path)


def remove_member(session: Session, actor: Actor, team_id: int, volunteer_id: int, *, at: datetime) -> Team:
    """The leader or the site takes somebody out of a team; a leader only after another leads."""
    team = led_team(session, actor, team_id)
    theirs = membership(session, team.id, volunteer_id, at=at)
    if theirs is None:
        return team
    if theirs.role is MemberRole.LEADER:
        raise Conflict("last_leader", N_("Somebody else has to lead the team first."))
    _must_lead(session, actor, team, at)
    _end(session, theirs, at)
    telling.tell_about(session, theirs.volunteer.person, "taken_out_of_team", team, at=at)
    record(session, actor, "member_removed", f"team:{team.id}", at=at, site_path=team.site_path)
    return team


def set_deputy(session: Session, actor: Actor, team_id: int, volunteer_id: int, *, deputy: bool, at: datetime) -> Membership:
    """Make a member a deputy, who answers offers as the leader does, or a plain member again."""
    team = led_team(session, actor, team_id)
    _must_lead(session, actor, team, at)
    theirs = _theirs(session, team, volunteer_id, at)
    wanted = MemberRole.DEPUTY if deputy else MemberRole.MEMBER
    if theirs.role is MemberRole.LEADER:
        raise Conflict("leads", N_("The leader stays the leader until somebody takes over."))
    if theirs.role is not wanted:
        theirs.role = wanted
        telling.tell_about(session, theirs.volunteer.person, "now_deputy" if deputy else "no_deputy", team, at=at)
        record(session, actor, "deputy_changed", f"team:{team.id}", at=at, site_path=team.site_path, deputy=deputy)
    return theirs


def ask_to_lead(session: Session, actor: Actor, team_id: int, volunteer_id: int, *, leaves: bool, at: datetime) -> TeamAsk:
    """The leader asks a member to take over; ``leaves``: then the old leader leaves the team. Nothing changes before the yes."""
    team = led_team(session, actor, team_id)
    _must_be_open(team)
    mine = membership(session, team.id, actor.user_id, at=at)
    if mine is None or mine.role is not MemberRole.LEADER:
        raise Forbidden(Permission.TEAM_LEAD.value)
    theirs = _theirs(session, team, volunteer_id, at)
    if theirs.role is MemberRole.LEADER:
        raise Conflict("leads", N_("This member leads the team already."))
    for other in _open_asks(session, team.id, AskKind.LEAD, AskKind.HAND_BACK):
        if other.kind is AskKind.LEAD and other.volunteer_id == volunteer_id and other.leaves is leaves:
            return other
        other.advance(AnswerAction.WITHDRAW, at, by=actor)
    ask = _ask(session, actor, team, volunteer_id, AskKind.LEAD, "", at, leaves=leaves)
    telling.tell_about(session, theirs.volunteer.person, "please_lead", team, at=at)
    return ask


def hand_back(session: Session, actor: Actor, team_id: int, words: str = "", *, at: datetime) -> TeamAsk:
    """The leader asks the site to find another leader, and leaves as soon as there is one."""
    team = led_team(session, actor, team_id)
    mine = membership(session, team.id, actor.user_id, at=at)
    if mine is None or mine.role is not MemberRole.LEADER:
        raise Forbidden(Permission.TEAM_LEAD.value)
    if waiting := _open_asks(session, team.id, AskKind.HAND_BACK):
        return waiting[0]
    ask = _ask(session, actor, team, mine.volunteer_id, AskKind.HAND_BACK, words, at, leaves=True)
    telling.tell_site(session, team.site_path, "leader_wanted", at=at, team=team.name)
    return ask


def appoint_leader(session: Session, actor: Actor, team_id: int, volunteer_id: int, *, agreed: bool, at: datetime) -> Membership:
    """The site gives a team another leader, who has agreed: when the old one asked for it, fell ill or is gone."""
    team = lock(session, Team, team_id)
    actor.must(Permission.TEAMS_MANAGE, at=team.site_path)
    _must_be_open(team)
    if not agreed:
        raise Invalid.field("agreed", N_("Please ask them first, then tick that they agree."))
    volunteer = load(session, Volunteer, volunteer_id)
    if volunteer.standing is not Standing.ACTIVE:
        raise Invalid.field("leader", N_("There is no active volunteer with this number."))
    theirs = membership(session, team.id, volunteer_id, at=at)
    if theirs is not None and theirs.role is MemberRole.LEADER:
        return theirs
    if theirs is None:
        _let_in(session, team, volunteer_id, at)
    asks = _open_asks(session, team.id, AskKind.HAND_BACK, AskKind.LEAD)
    old = next((one.volunteer_id for one in members_of(session, team.id, at=at) if one.role is MemberRole.LEADER), None)
    leaves = any(ask.kind is AskKind.HAND_BACK for ask in asks)
    for ask in asks:
        ask.advance(AnswerAction.SAY_YES if ask.kind is AskKind.HAND_BACK else AnswerAction.WITHDRAW, at, by=actor)
    _hand_over(session, team, volunteer_id, old, leaves=leaves, at=at)
    telling.tell_about(session, volunteer.person, "now_leader", team, at=at)
    record(session, actor, "leader_appointed", f"team:{team.id}", at=at, site_path=team.site_path)
    return _theirs(session, team, volunteer_id, at)


def _hand_over(session: Session, team: Team, new: int, old: int | None, *, leaves: bool, at: datetime) -> None:
    theirs = membership(session, team.id, new, at=at)
    if theirs is None:
        raise Conflict("not_member", N_("This person is no member of the team any more."))
    for one in members_of(session, team.id, at=at):
        if one.role is MemberRole.LEADER and one.volunteer_id != new:
            if leaves and one.volunteer_id == old:
                one.until = at
            else:
                one.role = MemberRole.MEMBER
    theirs.role = MemberRole.LEADER
    refresh_teams(session, [team.id], at=at)


def _let_in(session: Session, team: Team, volunteer_id: int, at: datetime) -> None:
    if membership(session, team.id, volunteer_id, at=at) is None:
        session.add(Membership(team_id=team.id, volunteer_id=volunteer_id, role=MemberRole.MEMBER, since=at))
        refresh_teams(session, [team.id], at=at)


def _end(session: Session, row: Membership, at: datetime) -> None:
    row.until = at
    asked = (TeamAsk.team_id == row.team_id, TeamAsk.volunteer_id == row.volunteer_id, TeamAsk.answer == Answer.OPEN)
    withdrawing = update(TeamAsk).where(*asked).values(answer=ANSWERS.next(Answer.OPEN, AnswerAction.WITHDRAW), answered_at=at)
    session.execute(withdrawing)
    refresh_teams(session, [row.team_id], at=at)


def _ask(
    session: Session,
    actor: Actor,
    team: Team,
    volunteer_id: int,
    kind: AskKind,
    words: str,
    at: datetime,
    *,
    leaves: bool = False,
) -> TeamAsk:
    ask = TeamAsk(
        team_id=team.id,
        volunteer_id=volunteer_id,
        kind=kind,
        words=" ".join(words.split())[:200],
        asked_by=actor.user_id,
        asked_at=at,
        leaves=leaves,
    )
    session.add(ask)
    session.flush()  # its id is wanted
    return ask


def _open_asks(session: Session, team_id: int, *kinds: AskKind) -> list[TeamAsk]:
    found = select(TeamAsk).where(TeamAsk.team_id == team_id, TeamAsk.kind.in_(kinds), TeamAsk.answer == Answer.OPEN)
    return list(session.scalars(found.order_by(TeamAsk.id)))


def _waiting(session: Session, team_id: int, volunteer_id: int) -> TeamAsk | None:
    return next(
        (ask for ask in _open_asks(session, team_id, AskKind.JOIN, AskKind.INVITE) if ask.volunteer_id == volunteer_id), None
    )


def _must_be_asked(actor: Actor, ask: TeamAsk, team: Team) -> None:
    """JOIN is answered by who leads the team or its site; INVITE and LEAD by the volunteer alone: nobody is sent."""
    if ask.kind is AskKind.JOIN:
        if team.id in actor.leads or actor.can(Permission.TEAMS_MANAGE, at=team.site_path):
            return
    elif ask.kind in {AskKind.INVITE, AskKind.LEAD} and ask.volunteer_id == actor.user_id:
        return
    raise NotFound("ask")


def _must_lead(session: Session, actor: Actor, team: Team, at: datetime) -> None:
    """Deputies answer for the team, but its leader and its site decide who is what."""
    mine = membership(session, team.id, actor.user_id, at=at)
    if (mine is None or mine.role is not MemberRole.LEADER) and not actor.can(Permission.TEAMS_MANAGE, at=team.site_path):
        raise Forbidden(Permission.TEAM_LEAD.value)


def _other_leader(session: Session, mine: Membership, at: datetime) -> bool:
    return any(one.role is MemberRole.LEADER and one.id != mine.id for one in members_of(session, mine.team_id, at=at))


def _theirs(session: Session, team: Team, volunteer_id: int, at: datetime) -> Membership:
    theirs = membership(session, team.id, volunteer_id, at=at)
    if theirs is None:
        raise Invalid.field("member", N_("Please choose a member of the team."))
    return theirs


def _open(session: Session, team_id: int) -> Team:
    team = lock(session, Team, team_id)
    _must_be_open(team)
    return team


def _must_be_open(team: Team) -> None:
    if team.closed_at is not None:
        raise Conflict("team_closed", CLOSED_TEAM)


def _must_be_outside(session: Session, team: Team, volunteer_id: int, at: datetime) -> None:
    if membership(session, team.id, volunteer_id, at=at) is not None:
        raise Conflict("member_already", N_("This person is in the team already."))
