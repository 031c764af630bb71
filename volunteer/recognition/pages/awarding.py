"""/manage/stars: what is proposed, what hangs in public, what is doubted, and the acts of those who award."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.recognition import awarding, queries
from volunteer.recognition.lifecycle import EligibilityState
from volunteer.recognition.models import AwardState
from volunteer.recognition.pages.fields import day_words, number_sent
from volunteer.recognition.queries import PAGE, Tab
from volunteer.web.acting import Errors, acted_once, saved_once
from volunteer.web.asked import page_asked, turning, whole, words_asked
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("stars", __name__, url_prefix="/manage/stars")
P = Permission.STARS_AWARD


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """One of the lists, what is proposed first."""
    return _lists({}, {})


@bp.post("/award")
@requires(P)
def award() -> ResponseReturnValue:
    """Award what was ticked, in the name of one body. What was refused is said, name by name."""

    def act(session: Session) -> str:
        outcomes = awarding.award_many(session, current_actor(), _chosen(), number_sent("site"), at=now())
        refused = [outcome for outcome in outcomes if outcome.refusal is not None]
        if len(refused) == len(outcomes) == 1:
            raise refused[0].refusal  # type: ignore[misc]
        given = len(outcomes) - len(refused)
        return url_for(".show", tab=Tab.NOTICE.value, given=given, refused=len(refused) or None)

    done = _("Awarded. The volunteers have been told, and the public notice hangs from today.")
    return saved_once("star-award", act, _lists, done)


@bp.post("/aside")
@requires(P)
def put_aside() -> ResponseReturnValue:
    """Not now, and why: for what was ticked."""

    def act(session: Session) -> str:
        awarding.put_aside(session, current_actor(), _chosen(), request.form.get("reason", ""), at=now())
        return url_for(".show")

    return saved_once("star-aside", act, _lists, _("Put aside. It is proposed again when somebody takes it up."))


@bp.post("/proposals/<int:row_id>/take-up")
@requires(P)
def take_up(row_id: int) -> ResponseReturnValue:
    """Propose it again."""
    return acted_once(
        f"star-up-{row_id}",
        lambda session: awarding.take_up(session, current_actor(), row_id, at=now()),
        url_for(".show"),
        _("It is proposed again."),
    )


@bp.get("/awards/<number>")
@requires(P)
def one(number: str) -> ResponseReturnValue:
    """One award with everything that was said about it; a look at what was said is written down."""
    return _one(number, {}, {})


@bp.post("/awards/<number>/object")
@requires(P)
def object_to(number: str) -> ResponseReturnValue:
    """Write down an objection."""

    def act(session: Session) -> str:
        made = queries.award_called(session, current_actor(), number)
        awarding.object_to(session, current_actor(), made.id, request.form.get("reason", ""), at=now())
        return url_for(".one", number=number)

    done = _("Written down. The award waits for a second person.")
    return saved_once(f"star-object-{number}", act, _again(number, "object"), done)


@bp.post("/awards/<number>/revoke")
@requires(P)
def revoke(number: str) -> ResponseReturnValue:
    """Revoke it, by an act."""

    def act(session: Session) -> str:
        made = queries.award_called(session, current_actor(), number)
        awarding.revoke(session, current_actor(), made.id, request.form.get("reason", ""), at=now())
        return url_for(".one", number=number)

    return saved_once(f"star-revoke-{number}", act, _again(number, "revoke"), _("Revoked. The volunteer has been told why."))


@bp.post("/awards/<number>/doubts/<int:doubt_id>/settle")
@requires(P)
def settle(number: str, doubt_id: int) -> ResponseReturnValue:
    """Decide about a doubt."""

    def act(session: Session) -> str:
        made = queries.award_called(session, current_actor(), number)
        if doubt_id not in {doubt.id for doubt in made.doubts}:
            raise NotFound("stardoubt")
        outcome, answer = request.form.get("outcome", ""), request.form.get("reason", "")
        if outcome not in {"keep", "revoke"}:
            raise Invalid.field("outcome", "Please choose one of these.")
        awarding.settle(session, current_actor(), doubt_id, upheld=outcome == "revoke", answer=answer, at=now())
        return url_for(".one", number=number)

    return saved_once(f"star-settle-{doubt_id}", act, _again(number, f"doubt-{doubt_id}"), _("Decided."))


def _chosen() -> list[int]:
    sent = request.form.getlist("chosen")[: 10 * awarding.MOST]
    return [number for one in sent if (number := whole(one)) is not None]


def _lists(values: Mapping[str, Any], errors: Errors) -> str:
    unit, actor, words, page = db.session(), current_actor(), words_asked(), page_asked()
    asked = request.args.get("tab", "")
    tab = Tab(asked) if asked in set(Tab) else Tab.PROPOSED
    waits = tab in (Tab.PROPOSED, Tab.ASIDE)
    rows: Any = (
        queries.proposals_for(unit, actor, EligibilityState(tab.value), words, page)
        if waits
        else queries.awards_for(unit, actor, tab, words, page)
    )
    return render_template(
        "recognition/stars.html",
        tab=tab.value,
        rows=rows[:PAGE],
        turn=turning(".show", page, len(rows) > PAGE, tab=tab.value, q=words),
        page=page,
        words=words,
        counts=queries.counts_for(unit, actor),
        bodies=queries.bodies_for(unit, actor),
        may_set=actor.may(Permission.POLICIES_MANAGE),
        mine=accounts_of(unit, actor.user_id),
        refused=request.args.get("refused", 0, type=int),
        values=values,
        errors=errors,
        day_words=day_words,
    )


def _again(number: str, form: str) -> Any:
    return lambda values, errors: _one(number, dict(values) | {"form": form}, errors)


def _one(number: str, values: Mapping[str, Any], errors: Errors) -> str:
    actor, at = current_actor(), now()
    with transaction() as session:
        made = queries.award_called(session, actor, number)
        mine = accounts_of(session, actor.user_id)
        if made.doubts:
            about = f"star_award:{made.number}"
            record(session, actor, "private_seen", about, at=at, site_path=made.site_path, fields=["said"], on="star_award")
        return render_template(
            "recognition/star.html",
            made=made,
            may_decide=mine.isdisjoint({made.decided_by, made.volunteer_id}),
            own=made.volunteer_id in mine,
            is_revoked=made.state is AwardState.REVOKED,
            values=values,
            errors=errors,
            today=local_date(at, zone()),
            day_words=day_words,
            explain=explain,
        )
