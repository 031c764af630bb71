"""One's own statement as of any moment: a volunteer's hours or points, and what a shop is owed; to read, and as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.audit.recording import record
from volunteer.insights import sheets
from volunteer.insights.books import wording
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.kernel.handing_out import TYPES, csv_pile
from volunteer.ledger import statements
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import merchant as owed_to
from volunteer.ledger.rules import person
from volunteer.rewards.merchants.belonging import own_merchant
from volunteer.rewards.merchants.models import Merchant
from volunteer.web.county import zone
from volunteer.web.files import handed_out, piled
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.throttle import Limit, spend
from volunteer.web.unit import transaction

bp = Blueprint("own_books", __name__)
EXPORT = Limit("own-books-export", 20, 60)
MINUTE = "%Y-%m-%dT%H:%M"
UNITS = (Unit.MINUTES, Unit.POINTS)


@dataclass(frozen=True)
class Mine:
    """Whose account is read: its owner in the books, the unit, and the shop when it is one's own shop's."""

    owner: str
    unit: Unit
    units: tuple[Unit, ...] = ()  # between which one may choose
    shop: Merchant | None = None

    @property
    def about(self) -> str:
        """How the log names it."""
        return f"merchant:{self.shop.id}" if self.shop else self.owner


@bp.get("/me/statement")
@requires(Permission.POINTS_OWN)
def mine() -> ResponseReturnValue:
    """One's own hours or points, as they were at the moment that is asked for."""
    return _page(_own(request.args), request.args)


@bp.post("/me/statement.csv")
@requires(Permission.POINTS_OWN)
@door.after_proof
def take_mine() -> ResponseReturnValue:
    """The same as a file."""
    return _file(_own(request.form))


@bp.get("/merchant/<int:merchant_id>/account")
@requires(Permission.MERCHANT_OWN)
def shop(merchant_id: int) -> ResponseReturnValue:
    """What one's own shop was owed at the moment that is asked for."""
    return _page(_shop(merchant_id), request.args)


@bp.post("/merchant/<int:merchant_id>/account.csv")
@requires(Permission.MERCHANT_OWN)
@door.after_proof
def take_shop(merchant_id: int) -> ResponseReturnValue:
    """The same as a file."""
    return _file(_shop(merchant_id))


def _own(given: Mapping[str, str]) -> Mine:
    units = UNITS if current_actor().may(Permission.HOURS_SEE_OWN) else UNITS[1:]
    unit = given.get("unit", units[0].value)
    if unit not in units:
        raise NotFound("page")
    return Mine(person(current_person().id), Unit(unit), units)


def _shop(merchant_id: int) -> Mine:
    return Mine(owed_to(merchant_id), Unit.POINTS, shop=own_merchant(db.session(), current_actor(), merchant_id))


def _page(whose: Mine, given: Mapping[str, str]) -> ResponseReturnValue:
    typed = given.get("until", "")[:20]
    until = _moment(typed)
    errors = {"until": [_("Please choose a day and a time.")]} if until is None else {}
    session, before = db.session(), request.args.get("before", type=int)
    read = None
    if until is not None:
        account = statements.of_owner(session, whose.owner, whose.unit)
        read = statements.statement(session, account, until=until + timedelta(minutes=1), before=before)
    values = {"until": typed or now().astimezone(zone()).strftime(MINUTE), "unit": whose.unit.value}
    here = url_for(".shop", merchant_id=whose.shop.id) if whose.shop else url_for(".mine")
    turned: dict[str, Any] = {"until": values["until"]} | ({} if whose.shop else {"unit": whose.unit.value})
    more = {"merchant_id": whose.shop.id, **turned} if whose.shop else turned
    endpoint = ".shop" if whose.shop else ".mine"
    page = render_template(
        "insights/own_statement.html",
        whose=whose,
        read=read,
        values=values,
        errors=errors,
        here=here,
        file=url_for(".take_shop", merchant_id=whose.shop.id) if whose.shop else url_for(".take_mine"),
        is_minutes=whose.unit is Unit.MINUTES,
        first=url_for(endpoint, **more) if before else None,
        following=url_for(endpoint, **more, before=read.next_key) if read and read.next_key else None,
        reason_word=lambda reason: _(wording.reason_word(reason)),
    )
    return page, 422 if errors else 200


def _file(whose: Mine) -> ResponseReturnValue:
    at, actor, until = now(), current_actor(), _moment(request.form.get("until", "")[:20])
    if until is None:
        return _page(whose, request.form)
    spend(EXPORT, str(actor.user_id), at)
    with transaction() as session:
        record(session, actor, "own_account_taken", whose.about, at=at, unit=whose.unit.value)
    head = [_("Entry"), _("Written down"), _("Day"), _("Why"), _("Amount"), _("Balance"), _("Evidence"), _("Note")]
    session = db.session()
    account = statements.of_owner(session, whose.owner, whose.unit)
    every = statements.every_line(session, account, until=until + timedelta(minutes=1))
    pile = csv_pile(head, (_line(line) for line in every))
    name = f"statement-{whose.unit.value}-{until.astimezone(zone()):%Y%m%d-%H%M}.csv"
    return handed_out(piled(pile, TYPES["csv"]), name)


def _line(line: statements.Line) -> list[Any]:
    day, grade = line.day.isoformat() if line.day else "", line.grade.value.upper() if line.grade else ""
    why, at = _(wording.reason_word(line.reason)), sheets.local(line.at, zone())
    return [line.transfer_id, at, day, why, line.amount, line.after, grade, line.note]


def _moment(typed: str) -> datetime | None:
    """Return the minute that was asked for, the present one where none was; None when it is none."""
    if not typed:
        return now().replace(second=0, microsecond=0)
    try:
        local = datetime.strptime(typed, MINUTE).replace(tzinfo=zone())
    except ValueError:
        return None
    return local if 2000 <= local.year <= 2100 else None
