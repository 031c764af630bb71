"""Logs as JSON lines: what happened, with which code, for which reference; never a name, a number or a token."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict

PRIVATE = frozenset(
    {"phone", "name", "address", "door", "document", "password", "code", "token", "secret", "words", "contact", "email"}
)
SLOW = 2.0  # seconds after which an answer is worth a warning
LONG_DIGITS = re.compile(r"\d{11,18}[0-9Xx]?")
SECRET_PATH = re.compile(r"(/[ojc]/|/photos/|/invited/|/reset/|/home/|/reservations/)[^/\s?]+")


def without_personal_data(logger: Any, method: str, event: EventDict) -> EventDict:
    """Blank what may identify somebody: known keys, numbers as long as a phone's, secret links. Refusal codes stay."""
    for key, value in event.items():
        if key in PRIVATE and not (key == "code" and isinstance(value, str) and not value.isdigit()):
            event[key] = "…"
        elif isinstance(value, str):
            event[key] = tidy(value)
    return event


def tidy(text: str) -> str:
    """Return one line without long numbers or secret addresses: nobody writes lines of our log but we."""
    return SECRET_PATH.sub(r"\1…", LONG_DIGITS.sub("…", text))


class _PlainToJson(logging.Handler):
    """Routes the standard library's log records through the same processors."""

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage().replace("\n", " ↵ ").replace("\r", "")
        structlog.get_logger(record.name).log(record.levelno, words)


def init_app(app: Flask) -> None:
    """Note every answer at DEBUG, and slow ones as a warning; by the name of the view, never by its address."""
    log = structlog.get_logger("volunteer.web")

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        took = time.perf_counter() - g.get("began", time.perf_counter())
        note = log.warning if took > SLOW else log.debug
        note("answered", endpoint=request.endpoint, status=response.status_code, ms=round(took * 1000))
        return response


def init(level: str) -> None:
    """Set logging up once for this process; programs and pages log alike, to standard error."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_personal_data,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _PlainToJson) for handler in root.handlers):
        root.addHandler(_PlainToJson())
    root.setLevel(max(number, logging.WARNING))
