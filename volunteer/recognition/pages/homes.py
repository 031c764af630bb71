"""/me/home: one's own household and its months; /home/<token>: an invitation; /homes: sums by station for staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid
from volunteer.kernel.text import masked_name
from volunteer.recognition import counting_homes as counting
from volunteer.recognition import homes
from volunteer.recognition.home_rules import FEW, month_of, share_of, share_reached
from volunteer.recognition.lifecycle import HomeState
from volunteer.recognition.models_homes import Home
from volunteer.recognition.pages.fields import number_sent
from volunteer.teams.pages.fields import site_options
from volunteer.web import throttle
from volunteer.web.acting import Errors, acted_once, saved_once
from volunteer.web.config import current_settings
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.unit import transaction

bp = Blueprint("homes", __name__)
OWN = Permission.ACCOUNT_OWN


@bp.get("/me/home")
@requires(OWN)
def mine() -> ResponseReturnValue:
    """One's household, or how to come into one."""
    return _page({}, {})


@bp.post("/me/home")
@requires(OWN)
def found() -> ResponseReturnValue:
    """Found a household."""

    def act(session: Session) -> str:
        homes.found(session, current_actor(), request.form.get("name", "")[:200], number_sent("site"), at=now())
        return url_for(".mine")

    return saved_once("home-found", act, _page, _("Your household is there. Invite those you live with."))


@bp.post("/me/home/invite")
@requires(OWN)
def invite() -> ResponseReturnValue:
    """Invite a volunteer by number."""
    throttle.spend(throttle.HOME_INVITE, str(current_person().id), now())

    def act(session: Session) -> str:
        homes.invite(session, current_actor(), request.form.get("number", "")[:60], at=now())
        return url_for(".mine")

    return saved_once("home-invite", act, _page, _("Invited. They agree on their own page."))


@bp.post("/me/home/link")
@requires(OWN)
def link() -> ResponseReturnValue:
    """A link for those without a volunteer number; it is shown once."""
    with transaction() as session:
        token = homes.open_link(session, current_actor(), at=now())
    return _page({}, {}, current_settings().public_url.rstrip("/") + url_for(".invitation", token=token))


@bp.post("/me/home/link/close")
@requires(OWN)
def close_link() -> ResponseReturnValue:
    """The link is good no more."""
    return _acted("home-unlink", lambda session: homes.close_link(session, current_actor(), at=now()), _("The link is closed."))


@bp.post("/me/home/invitations/<int:member_id>")
@requires(OWN)
def answer(member_id: int) -> ResponseReturnValue:
    """Yes or no to a household that asks one in."""
    yes = request.form.get("yes") == "yes"
    said = _("You are in.") if yes else _("Said no. Nobody is told more than that.")
    return _acted(
        f"home-answer-{member_id}", lambda session: homes.answer(session, current_actor(), member_id, yes=yes, at=now()), said
    )


@bp.post("/me/home/members/<int:member_id>/remove")
@requires(OWN)
def remove(member_id: int) -> ResponseReturnValue:
    """The head takes somebody out, or an invitation back."""
    return _acted(
        f"home-out-{member_id}", lambda session: homes.remove(session, current_actor(), member_id, at=now()), _("Taken out.")
    )


@bp.post("/me/home/members/<int:member_id>/head")
@requires(OWN)
def hand_on(member_id: int) -> ResponseReturnValue:
    """Another member heads the household from now on."""
    return _acted(
        f"home-head-{member_id}", lambda session: homes.hand_on(session, current_actor(), member_id, at=now()), _("Handed on.")
    )


@bp.post("/me/home/leave")
@requires(OWN)
def leave() -> ResponseReturnValue:
    """Leave it."""
    return _acted("home-leave", lambda session: homes.leave(session, current_actor(), at=now()), _("You have left."))


@bp.post("/me/home/close")
@requires(OWN)
def close() -> ResponseReturnValue:
    """End it."""
    return _acted("home-close", lambda session: homes.close(session, current_actor(), at=now()), _("The household is ended."))


@bp.get("/home/<token>")
@requires(OWN)
def invitation(token: str) -> ResponseReturnValue:
    """Whose household asks one in."""
    throttle.spend_here(throttle.LINK_ADDRESS, now())
    home = homes.by_link(db.session(), token, at=now())
    return render_template("recognition/home_invitation.html", home=home, head=masked_name(home.head.name), token=token)


@bp.post("/home/<token>")
@requires(OWN)
def join(token: str) -> ResponseReturnValue:
    """Agree."""
    throttle.spend_here(throttle.LINK_ADDRESS, now())
    return _acted("home-join", lambda session: homes.join(session, current_actor(), token, at=now()), _("You are in."))


@bp.get("/homes")
@requires(Permission.OVERVIEW_SEE)
def sums() -> ResponseReturnValue:
    """Sums by station of a finished month, in the order of the stations' codes; no household and nobody is named."""
    unit, actor = db.session(), current_actor()
    months = counting.written_months(unit, actor)
    asked = request.args.get("month", "")
    chosen = next((month for month in months if f"{month:%Y-%m}" == asked), months[0] if months else None)
    rows = counting.stations_in(unit, actor, month_of(chosen)) if chosen else []
    total, reached = sum(row.homes for row in rows), sum(row.reached for row in rows)
    return render_template(
        "recognition/homes.html",
        months=months,
        chosen=chosen,
        rows=rows,
        living=counting.living(unit, actor),
        total=total,
        reached=reached,
        share=share_reached(total, reached),
        minutes=sum(row.minutes for row in rows),
        few=FEW,
    )


def _acted(purpose: str, act: Any, said: str) -> ResponseReturnValue:
    return acted_once(purpose, act, url_for(".mine"), said)


def _page(values: Mapping[str, Any], errors: Errors, link_made: str | None = None) -> str:
    unit, person = db.session(), current_person()
    member = homes.membership(unit, person.id)
    if member is None:
        if link_made:
            raise Invalid("no_home", _("Please check the fields that are marked."))
        return render_template(
            "recognition/no_home.html",
            asks=homes.invitations(unit, person.id),
            sites=site_options(unit),
            values=values,
            errors=errors,
        )
    return render_template(
        "recognition/home.html", **_shown(unit, member.home, person.id), values=values, errors=errors, link=link_made
    )


def _shown(unit: Session, home: Home, person_id: int) -> dict[str, Any]:
    at = now()
    today: date = local_date(at, zone())
    month, goal = month_of(today), counting.goal_of(unit, home, at)
    minutes = counting.minutes_of(unit, [home], month, at=at)[home.id]
    before = counting.minutes_of(unit, [home], month.before, at=at)[home.id]
    written = counting.months_of(unit, home.id)
    return {
        "home": home,
        "is_head": home.head_id == person_id,
        "members": [one for one in home.members if one.state is HomeState.MEMBER],
        "invited": [one for one in home.members if one.state is HomeState.INVITED],
        "me_id": person_id,
        "minutes": minutes,
        "own": counting.own_minutes(unit, home, person_id, month, at=at),
        "goal": goal,
        "share": share_of(minutes, goal),
        "left": max(goal - minutes, 0),
        "waiting": None if any(row.month == month.before.first for row in written) else (month.before.first, before),
        "written": written,
        "has_link": home.link_hash is not None and home.link_until is not None and home.link_until > at,
    }
