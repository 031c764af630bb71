"""Beside the pasted numbers of a batch of certificates: the list as a sheet. It only fills in the form; nothing is asked yet."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.certificates.pages import batches
from volunteer.exchange import people_lists
from volunteer.exchange.columns import Fault
from volunteer.exchange.pages.sheets import say
from volunteer.kernel.db import db
from volunteer.web import locale
from volunteer.web.forms import typed
from volunteer.web.identity import current_actor, requires

bp = Blueprint("people_lists", __name__)


@bp.post("/manage/certificates/list")
@requires(Permission.CERTIFICATES_FOR_OTHERS)
def read() -> ResponseReturnValue:
    """Read a school's list, and show the form with those it means; or what is wrong with which row."""
    values, sent = typed(request.form), request.files.get("sheet")
    if sent is None or not sent.filename:
        return batches.form_page(values, {"sheet": [_("Please choose a file.")]}), 422
    found = people_lists.read(db.session(), current_actor(), sent.stream.read())
    if found.faults:
        beside = {"sheet": [_("Nobody was taken over. Please mend the sheet and choose it again.")]}
        return batches.form_page(values, beside, faults=[_worded(fault) for fault in found.faults]), 422
    values |= {"numbers": "\n".join(found.numbers)}
    count = len(found.numbers)
    words = _("%(count)s volunteers were read from the sheet. Please look at the rest and ask them.", count=count)
    return batches.form_page(values, {}, said=words)


def _worded(fault: Fault) -> tuple[int, str, str]:
    column = people_lists.column_called(fault.column)
    return fault.row, column.called(locale.chosen()) if column else "", say(fault.message, **fault.params)
