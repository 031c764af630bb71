"""The reasons to refuse. The edge maps each to HTTP; nothing below it knows a status code."""

from __future__ import annotations

from typing import Any

from volunteer.kernel.words import N_


class DomainError(Exception):
    """A refusal with a ``code`` for programs, a ``message`` (msgid) for people and ``context`` for both.

    ``context`` fills the placeholders of the message and goes to the log: it never carries personal data.
    """

    def __init__(self, code: str, message: str, **context: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.context = context

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(DomainError):
    """What was sent cannot be right. ``fields`` holds every field's complaints (msgids) at once."""

    def __init__(self, code: str, message: str, fields: dict[str, list[str]] | None = None, **context: Any) -> None:
        super().__init__(code, message, **context)
        self.fields = fields or {}

    @classmethod
    def field(cls, name: str, message: str, **context: Any) -> Invalid:
        """Return a refusal that complains about one field."""
        return cls(f"invalid_{name}", message, {name: [message]}, **context)


class NotFound(DomainError):
    """It does not exist, or not for this person."""

    def __init__(self, what: str, **context: Any) -> None:
        super().__init__(f"{what}_not_found", N_("It is not there any more, or it is not yours to see."), what=what, **context)


class Forbidden(DomainError):
    """It may be seen by this person, but not done."""

    def __init__(self, permission: str, **context: Any) -> None:
        words = N_("Somebody with another role does this. Is it part of your work? Then ask whoever manages your site.")
        super().__init__("forbidden", words, permission=permission, **context)


class Conflict(DomainError):
    """Somebody was faster, or the thing has moved on."""


class TooMany(DomainError):
    """Too often in too short a time. ``context["seconds"]`` says when to try again."""
