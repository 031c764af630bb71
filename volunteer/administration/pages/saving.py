"""Forms of places and menu: what a verb did not find is a complaint beside the field that named it."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import Schema
from sqlalchemy.orm import Session

from volunteer.kernel.errors import Invalid, NotFound
from volunteer.web import acting
from volunteer.web.acting import Act, Page

MISSING = {"category": "category", "skill": "skills", "site": "site"}


def saved(schema: Schema | type[Schema] | None, act: Act, page: Page, done: str) -> ResponseReturnValue:
    """Load the form, act once and go on; or show ``page`` again with what was typed and what is wrong with it."""

    def found(session: Session, draft: Any) -> str:
        try:
            return act(session, draft)
        except NotFound as error:
            what = str(error.context.get("what", ""))
            if what not in MISSING:
                raise
            raise Invalid.field(MISSING[what], "Please choose one of these.") from None

    return acting.saved(schema, found, page, done)
