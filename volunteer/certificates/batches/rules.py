"""What a batch may ask for, and who is meant by a pasted list. No I/O here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import LOCALES, N_
from volunteer.ledger.models import Grade

NOTICE = "2026-11"  # version of what is said to whoever is asked; see templates/certificates/batches/asked.html
MOST = 1_000  # people in one batch
LONGEST_LIST = 40_000  # characters
LONGEST_NUMBER = 20
SOONEST, LATEST = timedelta(days=1), timedelta(days=60)  # to answer
BETWEEN = re.compile(r"[\s,;，、；]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchDraft:
    """What is asked for: for whom, what for, of which time; and of whom, as a list of numbers or a team's members."""

    receiver: str
    purpose: str
    first: date | None
    last: date | None
    grades: frozenset[Grade]
    locale: str
    answer_by: date | None
    numbers: str = ""
    team_id: int | None = None


def numbers_in(text: str) -> list[str]:
    """Return the volunteers' numbers in a pasted list, each once, in its order: lines, commas, or a column of a sheet."""
    words = (word.strip("\"'").upper() for word in BETWEEN.split(text[:LONGEST_LIST]))
    return list(dict.fromkeys(word[:LONGEST_NUMBER] for word in words if any(character.isdigit() for character in word)))


def must_be_right(draft: BatchDraft, today: date, certified: frozenset[Grade]) -> tuple[date, date, date]:
    """Return the first and last day, and the last to answer; ``certified``: the grades that the centre certifies.

    Raises Invalid with every complaint at once.
    """
    wrong: dict[str, list[str]] = {}
    for name, least, most in (("receiver", 2, 80), ("purpose", 2, 200)):
        if not least <= len(getattr(draft, name).strip()) <= most:
            wrong[name] = [N_("Please fill this in.")]
    for name in ("first", "last", "answer_by"):
        if getattr(draft, name) is None:
            wrong[name] = [N_("Please write a date.")]
    if draft.first and draft.last and draft.first > draft.last:
        wrong["first"] = [N_("The first day must not be after the last.")]
    if draft.last and draft.last > today:
        wrong["last"] = [N_("The last day cannot lie in the future.")]
    if draft.answer_by and not today + SOONEST <= draft.answer_by <= today + LATEST:
        wrong["answer_by"] = [N_("Please give them a day at least, and at most sixty.")]
    if not draft.grades or not draft.grades <= certified:
        wrong["grades"] = [N_("Please choose ways of recording that the centre certifies.")]
    if draft.locale not in LOCALES:
        wrong["locale"] = [N_("Please choose Chinese or English.")]
    if draft.team_id is None and not numbers_in(draft.numbers):
        wrong["numbers"] = [N_("Please paste volunteers' numbers, or choose a team.")]
    if wrong or not draft.first or not draft.last or not draft.answer_by:
        raise Invalid("batch_invalid", N_("Please check the fields that are marked."), wrong)
    return draft.first, draft.last, draft.answer_by


def refuse_strangers(wanted: Sequence[str], found: set[str]) -> None:
    """Raise Invalid, naming the first of them, when numbers were pasted that nobody of these places has."""
    strangers = [number for number in wanted if number not in found]
    if strangers:
        shown = ", ".join(strangers[:10])
        raise Invalid(
            "batch_strangers",
            N_("%(count)s of these numbers belong to nobody of your places: %(numbers)s"),
            {"numbers": [N_("Some of these numbers belong to nobody of your places. They are named above.")]},
            count=len(strangers),
            numbers=shown,
        )


def file_name(name: str, number: str) -> str:
    """Return the name of one certificate's file in the archive: nothing in it can lead out of a folder."""
    plain = "".join(character if character.isalnum() or character in " -·" else "_" for character in name).strip(" .")
    return f"{plain or '_'}-{number}.pdf"
