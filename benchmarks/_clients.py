"""Clients of benchmarks/faults.py, each a process of its own that tries again until it is answered; SIGTERM lets it finish.

orders URL FILE NAME ITEM SITE: place orders in the browser's way, withdraw every third. moves URL FILE NAME: post to the ledger.
What was acknowledged is written to FILE, one line of JSON each, before the next is begun.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy.orm import Session

from volunteer.kernel.clock import now
from volunteer.kernel.db import make_engine, write
from volunteer.kernel.tables import import_all_models
from volunteer.ledger.book import move
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by, person

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PAUSE = 0.05
PATIENCE = 10.0  # seconds for one answer
stopping: list[int] = []


class Browser:
    """Keeps its cookie; a request that is not answered is simply sent again."""

    def __init__(self, url: str) -> None:
        self.host, self.port = urlsplit(url).hostname or "", urlsplit(url).port
        self.cookie = ""

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[HTTPResponse, str]:
        """Return the answer and its body once it is no 5xx."""
        while True:
            try:
                return self._once(method, path, form)
            except (OSError, HTTPException):
                time.sleep(PAUSE)

    def token(self, page: str) -> str:
        """Return the form token of this browser."""
        found = TOKEN.search(self.send("GET", page)[1])
        assert found, f"{page} shows no form"
        return found[1]

    def _once(self, method: str, path: str, form: dict[str, str] | None) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(self.host, self.port, timeout=PATIENCE)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 500:
            raise HTTPException(f"{answer.status}")
        if kept := answer.getheader("Set-Cookie"):
            self.cookie = kept.partition(";")[0]
        return answer, body


def numbers(file: Path) -> Iterator[int]:
    """Yield the numbers that this client has not yet acknowledged, until it is told to stop."""
    number = len(file.read_text().splitlines()) if file.exists() else 0
    while not stopping:
        yield number
        number += 1


def place_orders(url: str, file: Path, name: str, item: str, site: str) -> None:
    """Place order after order; each has a key of its own that stays the same however often it is sent."""
    browser = Browser(url)
    page = f"/order/new?item={item}"
    with file.open("a") as acknowledged:
        for number in numbers(file):
            form = {
                "csrf_token": browser.token(page), "once": secrets.token_urlsafe(16), "item": item, "channel": "web",
                "words": f"{name}-{number}", "site": site, "address": "3幢201室", "when": "soon", "name": "李试",
                "phone": f"1380000{number % 10_000:04d}", "consent": "yes", "danger": "no",
            }  # fmt: skip
            began = time.monotonic()
            answer, body = browser.send("POST", "/order/new", form)
            took = time.monotonic() - began
            where = urlsplit(answer.getheader("Location") or "").path
            assert where.startswith("/o/"), f"{answer.status} {where} {body[:2000]}"
            withdrawn = number % 3 == 0
            if withdrawn:
                wish = {"csrf_token": form["csrf_token"], "reason": ""}
                answer, body = browser.send("POST", f"{where}/withdraw", wish)
                assert answer.status == 303, f"{answer.status} {body[:2000]}"
            _note(acknowledged, {"words": form["words"], "path": where, "withdrawn": withdrawn, "took": took})


def move_minutes(url: str, file: Path, name: str) -> None:
    """Post minutes under numbered keys; whoever was killed in between begins with the last one again."""
    import_all_models()
    engine = make_engine(url)
    with file.open("a") as acknowledged:
        for number in numbers(file):
            key = f"bench:{name}:{number}"
            with Session(engine) as session, write(session):
                move(session, Unit.MINUTES, 1 + number % 60, source=issued_by(1, Unit.MINUTES), target=person(1 + number % 7),
                     reason="service", key=key, at=now())  # fmt: skip
            _note(acknowledged, {"key": key})
            time.sleep(PAUSE)


def _note(file: object, what: dict[str, object]) -> None:
    os.write(file.fileno(), (json.dumps(what) + "\n").encode())  # type: ignore[attr-defined]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    kind, where, target, *more = sys.argv[1:]
    {"orders": place_orders, "moves": move_minutes}[kind](where, Path(target), *more)  # type: ignore[operator]
