"""/manage/duplicates: entries that may be one person, compared side by side, merged or refused; merges, and taking them apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.wording import role_word
from volunteer.administration.merging import merging, queries
from volunteer.administration.merging.lifecycle import PairAction, PairState
from volunteer.administration.merging.merging import MergeDraft
from volunteer.administration.merging.models import Pair
from volunteer.administration.merging.rules import Why, undo_until
from volunteer.administration.pages.saving import saved
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.web import wording
from volunteer.web.acting import Errors, run_once
from volunteer.web.asked import number_asked, turning, words_asked
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen
from volunteer.web.unit import transaction

bp = Blueprint("duplicates", __name__, url_prefix="/manage/duplicates")
P = Permission.PEOPLE_MERGE
TABS = {"open": N_("To look at"), "merged": N_("Merged"), "refused": N_("Two people")}
WHY = {
    Why.DOCUMENT.value: N_("same identity number"),
    Why.PHONE.value: N_("same telephone"),
    Why.NAME.value: N_("same birthday, and the name the same or nearly"),
}
NUMBER = N_("No volunteer of your sites has this number.")


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """What waits to be looked at; what was merged, and what was refused."""
    unit, actor, words, page = db.session(), current_actor(), words_asked(), number_asked("page", 1)
    tab = request.args.get("tab", "open")
    tab = tab if tab in TABS else "open"
    return _list(tab, words, page, unit, actor, {}, {})


@bp.post("/compare")
@requires(P)
def compare() -> ResponseReturnValue:
    """Compare two volunteers by their numbers, whether the machine noticed anything or not."""
    typed = {name: request.form.get(name, "").replace("\0", "").strip()[:20] for name in ("one", "other")}
    at = now()
    with transaction() as session:
        found = dict(zip(typed, queries.by_numbers(session, typed["one"], typed["other"]), strict=True))
        errors = {name: [_(NUMBER)] for name, one in found.items() if one is None or not _mine(one.site.path)}
        one, other = found["one"], found["other"]
        if not errors and one is not None and other is not None and one.id == other.id:
            errors = {"other": [_("These are one and the same entry.")]}
        pair_id = 0
        if not errors and one is not None and other is not None:
            pair_id = _pair(session, one.id, other.id, merging.common(one.site.path, other.site.path), at)
    if errors:
        return _list("open", "", 1, db.session(), current_actor(), typed, errors), 422
    return redirect(url_for(".pair", pair_id=pair_id), code=303)


@bp.get("/pairs/<int:pair_id>")
@requires(P)
def pair(pair_id: int) -> ResponseReturnValue:
    """Both entries side by side; looking is written down."""
    return _pair_page(pair_id, {}, {})


@bp.post("/pairs/<int:pair_id>/merge")
@requires(P)
def merge(pair_id: int) -> ResponseReturnValue:
    """They are one person."""

    def act(session: Session, _nothing: Any) -> str:
        found, first, second = queries.look_at_pair(session, current_actor(), pair_id, at=now())
        kept = request.form.get("kept", "")
        if kept not in {str(first.id), str(second.id)}:
            raise Invalid.field("kept", N_("Please choose which entry stays."))
        gone = found.other_id if str(found.one_id) == kept else found.one_id
        draft = MergeDraft(int(kept), gone, request.form.get("reason", ""), _phone(kept))
        return url_for(".merged", merge_id=merging.merge(session, current_actor(), draft, at=now()).id)

    return saved(None, act, lambda values, errors: _pair_page(pair_id, values, errors), _("Merged. Both telephones were told."))


@bp.post("/pairs/<int:pair_id>/refuse")
@requires(P)
def refuse(pair_id: int) -> ResponseReturnValue:
    """They are two people."""
    try:
        run_once(lambda session: _refuse(session, pair_id))
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(url_for(".pair", pair_id=pair_id), code=303)
    flash(_("Noted: two people. They will not be suggested again."))
    return redirect(url_for(".show"), code=303)


@bp.get("/merges/<int:merge_id>")
@requires(P)
def merged(merge_id: int) -> ResponseReturnValue:
    """What went over, and the means to take it apart."""
    return _merge_page(merge_id, {}, {})


@bp.post("/merges/<int:merge_id>/undo")
@requires(P)
def undo(merge_id: int) -> ResponseReturnValue:
    """Take a merge apart."""

    def act(session: Session, _nothing: Any) -> str:
        merging.undo(session, current_actor(), merge_id, request.form.get("reason", ""), at=now())
        return url_for(".merged", merge_id=merge_id)

    return saved(None, act, lambda values, errors: _merge_page(merge_id, values, errors), _("Taken apart. Both are as before."))


def _list(tab: str, words: str, page: int, unit: Session, actor: Any, values: dict[str, str], errors: Errors) -> str:
    merges = queries.merges(unit, actor, words, page) if tab == "merged" else None
    state = PairState.REFUSED if tab == "refused" else PairState.OPEN
    pairs = queries.pairs(unit, actor, state, words, page) if merges is None else None
    listed = merges or pairs
    return render_template(
        "administration/duplicates.html",
        tab=tab,
        tabs=[{"label": _(said), "href": url_for(".show", tab=one), "current": one == tab} for one, said in TABS.items()],
        words=words,
        pairs=pairs,
        merges=merges,
        listed=listed,
        turn=turning(".show", listed.page, listed.page < listed.pages, q=words, tab=tab) if listed else {},
        why={key: _(said) for key, said in WHY.items()},
        values=values,
        errors=errors,
    )


def _pair_page(pair_id: int, values: Any, errors: Errors) -> str:
    at = now()
    with transaction() as session:
        found, first, second = queries.look_at_pair(session, current_actor(), pair_id, at=at)
        there = merging.standing_merge(session, first.id, second.id) or merging.standing_merge(session, second.id, first.id)
        return render_template(
            "administration/duplicate.html",
            pair=found,
            entries=(first, second),
            merge=there,
            why=[_(WHY[one]) for one in found.why if one in WHY],
            role_word=role_word,
            values=values or {"kept": str(first.id), "phone": "kept"},
            errors=errors,
            days=_days,
            state=found.state.value,
        )


def _merge_page(merge_id: int, values: Any, errors: Errors) -> str:
    unit = db.session()
    found = queries.look_at_merge(unit, current_actor(), merge_id)
    return render_template(
        "administration/merge.html",
        merge=found,
        changes=merging.changes_of(unit, found),
        until=undo_until(found.at),
        may_undo=found.undone_at is None and now() <= undo_until(found.at),
        values=values,
        errors=errors,
    )


def _pair(session: Session, one: int, other: int, path: str, at: datetime) -> int:
    found = merging.pair_of(session, one, other)
    if found is None:
        found = Pair(one_id=min(one, other), other_id=max(one, other), site_path=path, why=[], found_at=at)
        session.add(found)
        session.flush()  # its page has its number
    elif found.state is PairState.REFUSED:
        found.advance(PairAction.REOPEN)  # somebody asks for it by hand
    return found.id


def _refuse(session: Session, pair_id: int) -> str:
    merging.refuse(session, current_actor(), pair_id, request.form.get("reason", ""), at=now())
    return url_for(".show")


def _mine(path: str) -> bool:
    return current_actor().can(P, at=path)


def _phone(kept: str) -> str:
    """Whose telephone stays: the page names the entry, the verb says "kept" or "gone"."""
    wanted = request.form.get("phone", "")
    return "gone" if wanted.isdecimal() and wanted != kept else "kept"


def _days(day: Any) -> str:
    return wording.calendar_day(day, local_date(now(), zone()), chosen()) if day else ""
