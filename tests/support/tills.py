"""Many phones at once over real HTTP: people signed in by rows, forms sent by as many threads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.orm import Session

from tests.support.databases import Database
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.web import sessions

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PATIENCE = 60.0


class Phone:
    """One signed-in browser that keeps its cookie."""

    def __init__(self, url: str, cookie: str) -> None:
        self.host, self.port, self.cookie = urlsplit(url).hostname or "", urlsplit(url).port, f"visit={cookie}"
        self.token = ""

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a page; its form token is kept."""
        answer, body = self._send("GET", path, None)
        if found := TOKEN.search(body):
            self.token = found[1]
        return answer.status, body

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        """Return status, where it leads, and body of a form that was sent."""
        answer, body = self._send("POST", path, {"csrf_token": self.token} | form)
        return answer.status, urlsplit(answer.getheader("Location") or "").path, body

    def _send(self, method: str, path: str, form: dict[str, str] | None) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(self.host, self.port or 80, timeout=PATIENCE)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        if kept := answer.getheader("Set-Cookie"):
            self.cookie = kept.partition(";")[0]
        return answer, body


def phones(url: str, database: Database, keyring: Keyring, people: Sequence[int]) -> list[Phone]:
    """Return a signed-in phone for each of these people, each ready to send a form."""
    from flask import Flask

    with Session(database.engine, info={"keyring": keyring}) as session:
        tokens = [sessions.start(session, person, _limits(), device="test", at=now()) for person in people]
        session.commit()
    signer = Flask("cookie")
    signer.secret_key = keyring.cookies
    serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
    assert serializer is not None
    return [Phone(url, str(serializer.dumps({"_user_id": token, "_fresh": True}))) for token in tokens]


def all_at_once(acts: Sequence[Callable[[], int]], threads: int = 32) -> Counter[int]:
    """Run every act in threads; count the answers."""
    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(lambda act: act(), acts))


def _limits() -> sessions.Limits:
    from datetime import timedelta

    return sessions.Limits(timedelta(hours=8), timedelta(days=7))
