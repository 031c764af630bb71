"""Licences, trainings and insurance: shown by the volunteer or entered by staff, checked by the site, worked into fitness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.catalogue.models import Skill
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.media.models import Photo
from volunteer.teams import telling
from volunteer.teams.belonging import refresh_for
from volunteer.teams.lifecycle import PAPERS, PaperAction, PaperState
from volunteer.teams.models import Volunteer, VolunteerSkill
from volunteer.teams.models_volunteers import Paper, PaperKind

SURE = 0.8  # how well somebody does what they have a licence for, until the team knows better
MOST_WAITING = 10
FARTHEST_YEAR = 2100


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperDraft:
    """What a paper says. ``skill``: code of what a licence allows; ``minutes``: of a training."""

    kind: PaperKind
    skill: str = ""
    title: str = ""
    number: str = ""
    minutes: int | None = None
    until: date | None = None
    photo: Photo | None = None


def send_paper(session: Session, actor: Actor, draft: PaperDraft, *, at: datetime) -> Paper:
    """Show a paper of one's own; the site checks it. Raises Invalid for what is missing, Conflict for too many at once."""
    volunteer = _own(session, actor)
    skill = _must_be_right(session, draft, at, photo=True)
    waiting = [one for one in papers_of(session, volunteer.id) if one.state is PaperState.WAITING]
    if len(waiting) >= MOST_WAITING:
        raise Conflict("papers_waiting", N_("Ten papers of yours are waiting already. Please wait until the site has looked."))
    paper = _paper(session, volunteer, draft, skill, at)
    telling.tell_site(session, volunteer.site.path, "paper_waits", at=at)
    return paper


def enter_paper(session: Session, actor: Actor, volunteer_id: int, draft: PaperDraft, *, at: datetime) -> Paper:
    """Staff write down a paper that they have seen: it counts at once."""
    volunteer = lock(session, Volunteer, volunteer_id)
    actor.must(Permission.TEAMS_MANAGE, at=volunteer.site.path)
    skill = _must_be_right(session, draft, at, photo=False)
    paper = _paper(session, volunteer, draft, skill, at)
    _approve(session, actor, paper, at)
    return paper


def check_paper(session: Session, actor: Actor, paper_id: int, *, yes: bool, words: str = "", at: datetime) -> Paper:
    """The site has looked: the paper counts, or not and why. The same answer twice changes nothing."""
    paper = lock(session, Paper, paper_id)
    actor.must(Permission.TEAMS_MANAGE, at=paper.volunteer.site.path)
    if paper.state is (PaperState.APPROVED if yes else PaperState.REFUSED):
        return paper
    PAPERS.next(paper.state, PaperAction.APPROVE if yes else PaperAction.REFUSE)
    if paper.volunteer_id == actor.user_id:
        raise Conflict("own_paper", N_("Somebody else must check your own papers."))
    if not yes and not words.strip():
        raise Invalid.field("words", N_("Please write the reason. They will read it."))
    paper.words = " ".join(words.split())
    if yes:
        _approve(session, actor, paper, at)
    else:
        paper.advance(PaperAction.REFUSE)
        paper.checked_at, paper.checked_by = at, actor.user_id
        record(session, actor, "paper_refused", f"person:{paper.volunteer_id}", at=at, site_path=paper.volunteer.site.path)
    template = "paper_approved" if yes else "paper_refused"
    telling.tell_person(session, paper.volunteer.person, template, at=at, reason=paper.words)
    return paper


def withdraw_paper(session: Session, actor: Actor, paper_id: int, *, at: datetime) -> Paper:
    """Take back a paper of one's own that nobody has checked yet."""
    paper = lock(session, Paper, paper_id)
    if paper.volunteer_id != actor.user_id:
        raise NotFound("paper")
    if paper.state is PaperState.WAITING:
        paper.advance(PaperAction.WITHDRAW)
        paper.checked_at = at
    return paper


def papers_of(session: Session, volunteer_id: int) -> list[Paper]:
    """Return somebody's papers, the newest first."""
    return list(session.scalars(select(Paper).where(Paper.volunteer_id == volunteer_id).order_by(Paper.id.desc())))


def paper_seen(session: Session, actor: Actor, paper_id: int, *, at: datetime) -> Paper:
    """Return a paper whose photo somebody is about to see: their own, or as the site's checker, which is written down."""
    paper = load(session, Paper, paper_id)
    if paper.volunteer_id == actor.user_id:
        return paper
    actor.must(Permission.TEAMS_MANAGE, at=paper.volunteer.site.path)
    record(session, actor, "paper_seen", f"person:{paper.volunteer_id}", at=at, site_path=paper.volunteer.site.path)
    return paper


def _approve(session: Session, actor: Actor, paper: Paper, at: datetime) -> None:
    paper.advance(PaperAction.APPROVE)
    paper.checked_at, paper.checked_by = at, actor.user_id
    volunteer = paper.volunteer
    if paper.kind is PaperKind.INSURANCE and paper.until:
        if volunteer.insured_until is None or paper.until >= volunteer.insured_until:
            volunteer.insured_until, volunteer.insurance = paper.until, paper.number
    elif paper.kind is PaperKind.LICENCE and paper.skill_id:
        held = session.get(VolunteerSkill, (volunteer.id, paper.skill_id))
        if held is None:
            session.add(
                VolunteerSkill(volunteer_id=volunteer.id, skill_id=paper.skill_id, proficiency=SURE, licence_until=paper.until)
            )
        elif held.licence_until is None or (paper.until and paper.until > held.licence_until):
            held.licence_until = paper.until
    if paper.kind is not PaperKind.TRAINING:
        refresh_for(session, volunteer.id, at=at)
    record(
        session, actor, "paper_approved", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path, kind=paper.kind.value
    )


def _paper(session: Session, volunteer: Volunteer, draft: PaperDraft, skill: Skill | None, at: datetime) -> Paper:
    paper = Paper(
        volunteer=volunteer,
        kind=draft.kind,
        skill=skill,
        title=draft.title.strip(),
        number=draft.number.strip(),
        minutes=draft.minutes if draft.kind is PaperKind.TRAINING else None,
        until=draft.until,
        photo=draft.photo,
        sent_at=at,
    )
    session.add(paper)
    session.flush()  # its id is wanted
    return paper


def _must_be_right(session: Session, draft: PaperDraft, at: datetime, *, photo: bool) -> Skill | None:
    wrong: dict[str, list[str]] = {}
    skill = session.scalar(select(Skill).where(Skill.code == draft.skill)) if draft.skill else None
    today = local_date(at, zone_of(session))
    if draft.kind is PaperKind.LICENCE and (skill is None or not skill.licensed):
        wrong["skill"] = [N_("Please choose what the licence allows.")]
    if draft.kind is not PaperKind.TRAINING and draft.until is None:
        wrong["until"] = [N_("Please write until when it holds.")]
    elif draft.until is not None and not today <= draft.until < date(FARTHEST_YEAR, 1, 1):
        wrong["until"] = [N_("This day has passed, or it is too far away.")]
    if draft.kind is PaperKind.TRAINING and not draft.title.strip():
        wrong["title"] = [N_("Please write what the training was about.")]
    if draft.kind is PaperKind.INSURANCE and not draft.number.strip():
        wrong["number"] = [N_("Please write the number of the policy.")]
    if photo and draft.photo is None and draft.kind is not PaperKind.TRAINING:
        wrong["photos"] = [N_("Please add a photo of the paper. Never of an identity card.")]
    if wrong:
        raise Invalid("invalid_paper", N_("Please check the fields that are marked."), wrong)
    return skill


def _own(session: Session, actor: Actor) -> Volunteer:
    volunteer = session.get(Volunteer, actor.user_id) if actor.user_id else None
    if volunteer is None:
        raise NotFound("volunteer")
    return volunteer
