"""What is wrong with a draft, field by field, all of it said at once."""

from __future__ import annotations

import math
import re
import unicodedata

from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
NAMELESS = N_("Please write a name.")
CODELESS = N_("Please write a code: letters, digits, dots and dashes.")
TOO_LONG = N_("This is too long.")
A_NUMBER = N_("Please write a number.")
TOO_LOW = N_("This number is too low.")
TOO_HIGH = N_("This number is too high.")
WHY = N_("Please say why, in a few words.")
CHECK = N_("Please check the fields that are marked.")


class Checks:
    """Collects complaints; ``done`` raises them together as one Invalid."""

    def __init__(self) -> None:
        self.wrong: dict[str, list[str]] = {}

    def say(self, field: str, message: str) -> None:
        """Complain about ``field``."""
        self.wrong.setdefault(field, []).append(message)

    def text(self, field: str, value: str, longest: int, *, missing: str = "") -> str:
        """Return one line of text, tidied: no control characters, single spaces. ``missing``: what to say when it is empty."""
        tidy = " ".join("".join(" " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in value).split())
        if missing and not tidy:
            self.say(field, missing)
        if len(tidy) > longest:
            self.say(field, TOO_LONG)
        return tidy

    def code(self, field: str, value: str, longest: int) -> str:
        """Return a code: what machines and sheets call a row by."""
        tidy = unicodedata.normalize("NFKC", value).strip()
        if not CODE.fullmatch(tidy):
            self.say(field, CODELESS)
        elif len(tidy) > longest:
            self.say(field, TOO_LONG)
        return tidy

    def number(self, field: str, value: float, least: float, most: float) -> None:
        """Complain unless ``value`` is from ``least`` to ``most``."""
        if isinstance(value, bool) or math.isnan(value):
            self.say(field, A_NUMBER)
        elif value < least:
            self.say(field, TOO_LOW)
        elif value > most:
            self.say(field, TOO_HIGH)

    def done(self) -> None:
        """Raise Invalid with every complaint, if there is one."""
        if not self.wrong:
            return
        said = {words for listed in self.wrong.values() for words in listed}
        raise Invalid(f"invalid_{next(iter(self.wrong))}", said.pop() if len(said) == 1 else CHECK, self.wrong)


def reason_of(words: str, field: str = "reason", longest: int = 200) -> str:
    """Return why somebody does something: one line, tidied, of 2 to ``longest`` characters. Raises Invalid beside ``field``."""
    tidy = " ".join(words.split())
    if not 2 <= len(tidy) <= longest:
        raise Invalid.field(field, WHY)
    return tidy
