"""Statements of a person, a team or a site over any period, and the closing report, for those who answer for the books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.audit.recording import record
from volunteer.insights import sheets
from volunteer.insights.books import naming, whose, wording
from volunteer.kernel.clock import local_date, now, start_of_day
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.handing_out import TYPES, csv_file, csv_pile
from volunteer.ledger import checkpoints, closing, exporting, statements
from volunteer.ledger.models import Unit
from volunteer.rewards.points.pages.words import points_word
from volunteer.web import filters
from volunteer.web.county import zone
from volunteer.web.files import handed_out, piled
from volunteer.web.identity import current_actor, requires
from volunteer.web.throttle import Limit, spend
from volunteer.web.unit import transaction

bp = Blueprint("accounts_read", __name__)
EXPORT = Limit("books-export", 20, 60)
AT_ONCE = 1_000  # lines of a file that are named together
SHOWN = 100  # open accounts on the page


@bp.get("/books/statement")
@requires(Permission.BOOKS_SEE)
def statement() -> ResponseReturnValue:
    """Ask whose, and read: balances at both ends, and every entry between."""
    values, errors = _asked(request.args)
    if errors or not values["code"]:
        return _form(values, errors), 422 if errors else 200
    since, until = _moments(values)
    try:
        with transaction() as session:
            actor = current_actor()
            found = whose.find(session, actor, values["of"], values["code"], Unit(values["unit"]))
            before = request.args.get("before", type=int)
            read = statements.statement(session, found.whose, since=since, until=until, before=before)
            people = whose.sums_by_person(session, found.whose, since, until)[:SHOWN] if values["of"] == "team" else []
            owners = {line.other for line in read.lines} | {line.about for line in read.lines} | {row[0] for row in people}
            known = naming.in_words(session, actor.scopes(Permission.BOOKS_SEE), owners)
            if values["of"] == "person":
                whose.look(session, actor, found, "account_seen", at=now())
    except NotFound:
        return _form(values, {"code": [_("Nothing of your places has this number.")]}), 404
    except Invalid as wrong:
        return _form(values, {name: [_(words) for words in said] for name, said in wrong.fields.items()}), 422
    values["code"] = found.code
    here: dict[str, Any] = {name: values[name] for name in ("of", "code", "unit", "begins", "ends")}
    return render_template(
        "insights/statement.html",
        values=values,
        errors={},
        found=found,
        read=read,
        people=people,
        known=known,
        following=url_for(".statement", **here, before=read.next_key) if read.next_key else None,
        first=url_for(".statement", **here) if before else None,
        reason_word=lambda reason: _(wording.reason_word(reason)),
        is_minutes=values["unit"] == Unit.MINUTES,
    )


@bp.post("/books/statement.csv")
@requires(Permission.BOOKS_SEE)
@door.after_proof
def download() -> ResponseReturnValue:
    """The whole statement as a file; taking it away is written down."""
    values, errors = _asked(request.form)
    if errors or not values["code"]:
        return _form(values, errors), 422
    at, actor = now(), current_actor()
    spend(EXPORT, str(actor.user_id), at)
    since, until = _moments(values)
    with transaction() as session:
        found = whose.find(session, actor, values["of"], values["code"], Unit(values["unit"]))
        whose.look(session, actor, found, "account_taken", at=at)
    head = [
        _("Entry"),
        _("Written down"),
        _("Day"),
        _("Why"),
        _("Amount"),
        _("Balance"),
        _("On the other side"),
        _("Other account"),
        _("What it was for"),
        _("What for"),
        _("Evidence"),
        _("Note"),
    ]
    every = statements.every_line(db.session(), found.whose, since=since, until=until)
    name = f"statement-{values['of']}-{values['begins']}-{values['ends']}.csv"
    return handed_out(piled(csv_pile(head, _lines(every)), TYPES["csv"]), name)


@bp.get("/books/closing")
@requires(Permission.BOOKS_SEE)
def show_closing() -> ResponseReturnValue:
    """结账: what is open, by kind and age; where everything is that was issued; the last checkpoint."""
    session, at = db.session(), now()
    paths = current_actor().scopes(Permission.BOOKS_SEE)
    reach = whose.reach_of(paths)
    classes, items = closing.by_age(session, at, reach), closing.open_items(session, reach, limit=SHOWN)
    return render_template(
        "insights/closing.html",
        sums=closing.sums(session, reach),
        classes=classes,
        items=items,
        known=naming.in_words(session, paths, {item.owner for item in items}),
        more=sum(one.count for one in classes) - len(items),
        words=wording.OPEN,
        ages=closing.AGES,
        last=checkpoints.latest(session),
        due=checkpoints.is_due(session, at=at),
        stuck=exporting.undelivered(session),
        at=at,
    )


@bp.post("/books/closing.csv")
@requires(Permission.BOOKS_SEE)
@door.after_proof
def download_closing() -> ResponseReturnValue:
    """Everything that is open as a file, the oldest first."""
    at, actor = now(), current_actor()
    spend(EXPORT, str(actor.user_id), at)
    paths, day = actor.scopes(Permission.BOOKS_SEE), local_date(at, zone()).isoformat()
    with transaction() as session:
        items = closing.open_items(session, whose.reach_of(paths))
        known = naming.in_words(session, paths, {item.owner for item in items})
        record(session, actor, "closing_taken", f"closing:{day}", at=at, site_path=paths[0], rows=len(items))
    head = [_("What it is"), _("Which one"), _("Account in the books"), _("Unit"), _("Balance"), _("Open since"), _("Days")]
    lines: list[list[Any]] = [
        [
            _(wording.OPEN[item.kind]),
            _name(known[item.owner]),
            item.owner,
            points_word() if item.unit is Unit.POINTS else _("minutes"),
            item.balance,
            sheets.local(item.since, zone()),
            (at - item.since).days,
        ]
        for item in items
    ]
    return handed_out(Response(csv_file(head, lines), mimetype=TYPES["csv"]), f"closing-{day}.csv")


def _form(values: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    """The page that asks whose: the reader's places stand there to be chosen."""
    places = whose.places(db.session(), current_actor())
    return render_template("insights/statement.html", values=values, errors=errors, found=None, places=places)


def _name(one: naming.Named) -> str:
    return " ".join(words for words in (filters.named(one), one.number) if words)


def _words(one: naming.Named) -> str:
    """Return an owner in one line: its name, and what it is."""
    what = _(one.what, word=points_word()) if one.is_known else ""
    return " · ".join(words for words in (_name(one), what) if words)


def _lines(every: Iterator[statements.Line]) -> Iterator[list[Any]]:
    """Yield the lines of a file, every account in words; each is looked up once."""
    paths, known = current_actor().scopes(Permission.BOOKS_SEE), dict[str, naming.Named]()
    while some := list(islice(every, AT_ONCE)):
        owners = {owner for line in some for owner in (line.other, line.about)}
        known |= naming.in_words(db.session(), paths, owners - known.keys())
        yield from (_line(line, known) for line in some)


def _line(line: statements.Line, known: Mapping[str, naming.Named]) -> list[Any]:
    day = line.day.isoformat() if line.day else ""
    why, grade = _(wording.reason_word(line.reason)), line.grade.value.upper() if line.grade else ""
    at = sheets.local(line.at, zone())
    names = _words(known[line.other]), _name(known[line.about])
    return [
        line.transfer_id, at, day, why, line.amount, line.after, names[0], line.other, names[1], line.about, grade, line.note,
    ]  # fmt: skip


def _asked(given: Any) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return what was asked for, with the last thirty days where no period was given, and what is wrong with it."""
    today = local_date(now(), zone())
    values = {
        "of": given.get("of", "person"),
        "code": "".join(sign for sign in given.get("code", "")[:40] if sign.isprintable()).strip(),
        "unit": given.get("unit", Unit.MINUTES.value),
        "begins": given.get("begins", "") or (today - timedelta(days=30)).isoformat(),
        "ends": given.get("ends", "") or today.isoformat(),
    }
    errors: dict[str, list[str]] = {}
    if values["of"] not in whose.KINDS:
        errors["of"] = [_("Please choose whose statement.")]
    if values["unit"] not in set(Unit):
        errors["unit"] = [_("Please choose minutes or points.")]
    days = {name: _day(values[name]) for name in ("begins", "ends")}
    for name, day in days.items():
        if day is None:
            errors[name] = [_("Please give a day, such as 2026-11-21.")]
    if not errors and days["begins"] > days["ends"]:  # type: ignore[operator]
        errors["ends"] = [_("The last day is before the first.")]
    return values, errors


def _day(text: str) -> date | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _moments(values: dict[str, str]) -> tuple[datetime, datetime]:
    begins, ends = date.fromisoformat(values["begins"]), date.fromisoformat(values["ends"])
    return start_of_day(begins, zone()), start_of_day(ends + timedelta(days=1), zone())
