"""A small partner: a process of its own with a book of its own, which talks to us for real and dies where it is told to.

Written from docs/api.md alone, with nothing of ours, so that both ends cannot be wrong in the same way. Standard library only.
Run: python -m tests.support.partner PORT FOLDER SECRET OUR_ADDRESS
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, points INTEGER NOT NULL CHECK (points >= 0));
CREATE TABLE IF NOT EXISTS transfers (sender TEXT, id TEXT, account TEXT, centre INTEGER, partner INTEGER, day TEXT, status TEXT,
  PRIMARY KEY (sender, id));
CREATE TABLE IF NOT EXISTS answers (name TEXT PRIMARY KEY, body TEXT, status INTEGER, said TEXT);
"""
UNDONE = {"cancelled", "expired"}


class Partner:
    """Accounts, transfers in both directions, and the secret that both sides know."""

    def __init__(self, folder: Path, secret: str, ours: str) -> None:
        self.folder, self.ours = folder, ours
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.lock = Lock()
        self.book = sqlite3.connect(folder / "partner.sqlite3", check_same_thread=False, isolation_level=None)
        self.book.executescript(TABLES)

    def crash(self, point: str) -> None:
        """Die here, if this is where somebody wants it: once."""
        wish = self.folder / "crash"
        if wish.exists() and wish.read_text() == point:
            wish.unlink()
            os._exit(9)

    def mac(self, name: str, moment: str, body: bytes) -> str:
        return "v1," + base64.b64encode(hmac.new(self.key, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()).decode()

    # What the centre asks of us

    def receive(self, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        name, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
        given = headers.get("webhook-signature", "").split(" ")
        if self.mac(name, moment, body) not in given or abs(time.time() - int(moment)) > 300:
            return 401, {"title": "not signed"}
        if (self.folder / "answer").exists():  # told to say something odd
            return json.loads((self.folder / "answer").read_text())
        message = json.loads(body)
        kind, data = message["type"], message["data"]
        if kind == "transfer.state":
            row = self.find(data["sender"], data["id"])
            return (200, self.facts(row)) if row else (404, {"title": "unknown"})
        if kind == "transfers.day":
            return 200, self.day(data)
        if kind in {"account.verify", "account.unlink"}:
            known = self.book.execute("SELECT 1 FROM accounts WHERE name = ?", (data.get("account"),)).fetchone()
            return 200, {"link_id": data["link_id"], "state": "verified" if known else "refused"}
        assert headers.get("Idempotency-Key") == name
        self.crash(f"{kind}:before")
        with self.lock:
            self.book.execute("BEGIN IMMEDIATE")
            earlier = self.book.execute("SELECT body, status, said FROM answers WHERE name = ?", (name,)).fetchone()
            if earlier is None:
                status, said = getattr(self, kind.removeprefix("transfer."))(data)
                self.book.execute("INSERT INTO answers VALUES (?, ?, ?, ?)", (name, body.decode(), status, json.dumps(said)))
            else:
                assert earlier[0] == body.decode(), "the same id with another body"
                status, said = earlier[1], json.loads(earlier[2])
            self.crash(f"{kind}:unwritten")
            self.book.execute("COMMIT")
        self.crash(f"{kind}:after")
        return status, said

    def reserve(self, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        row = self.find("centre", data["id"])
        if row is None:
            if not self.book.execute("SELECT 1 FROM accounts WHERE name = ?", (data["account"],)).fetchone():
                return 404, {"title": "no such account"}
            points = data["points"]
            values = (data["id"], data["account"], points["centre"], points["partner"], data["day"])
            self.book.execute("INSERT INTO transfers VALUES ('centre', ?, ?, ?, ?, ?, 'reserved')", values)
        return 201, self.facts(self.find("centre", data["id"]))

    def confirm(self, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        row = self.find("centre", data["id"])
        if row is None:
            return 404, {"title": "unknown"}
        if row["status"] == "reserved":
            self.book.execute("UPDATE transfers SET status = 'confirmed' WHERE sender = 'centre' AND id = ?", (row["id"],))
            self.book.execute("UPDATE accounts SET points = points + ? WHERE name = ?", (row["partner"], row["account"]))
        row = self.find("centre", data["id"])
        return (200, self.facts(row)) if row["status"] == "confirmed" else (409, {"title": "no", "transfer": self.facts(row)})

    def cancel(self, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        row = self.find("centre", data["id"])
        if row is None:
            return 404, {"title": "unknown"}
        if row["status"] == "reserved":
            self.book.execute("UPDATE transfers SET status = 'cancelled' WHERE sender = 'centre' AND id = ?", (row["id"],))
        return 200, self.facts(self.find("centre", data["id"]))

    def day(self, data: dict[str, Any]) -> dict[str, Any]:
        found = self.book.execute(
            "SELECT sender, id FROM transfers WHERE sender = ? AND day = ? AND id > ? ORDER BY id LIMIT 4",
            (data["sender"], data["day"], data["after"]),
        ).fetchall()
        return {"transfers": [self.facts(self.find(*one)) for one in found[:3]], "more": len(found) > 3}

    # What we ask of the centre

    def send(self, account: str, centre: int, partner: int) -> str:
        """Send points to the centre in two phases."""
        name = uuid.uuid4().hex
        with self.lock:
            self.book.execute("BEGIN IMMEDIATE")
            self.book.execute("UPDATE accounts SET points = points - ? WHERE name = ?", (partner, account))
            day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
            self.book.execute(
                "INSERT INTO transfers VALUES ('partner', ?, ?, ?, ?, ?, 'held')", (name, account, centre, partner, day)
            )
            self.book.execute("COMMIT")
        self.go_on(name)
        return name

    def go_on(self, name: str) -> None:
        """Take a transfer as far as it goes: the same messages again, signed anew."""
        row = self.find("partner", name)
        if row["status"] == "held":
            self.crash("send.reserve:before")
            data = {"account": row["account"], "points": {"centre": row["centre"], "partner": row["partner"]}, "day": row["day"]}
            status, said = self.call("transfer.reserve", name, data)
            self.crash("send.reserve:after")
            if status == 201:
                self.mark(name, "reserved")
            elif status in {403, 404, 409, 422}:
                self.give_back(row)
        if self.find("partner", name)["status"] == "reserved":
            self.crash("send.confirm:before")
            status, said = self.call("transfer.confirm", name, {})
            self.crash("send.confirm:after")
            if status == 200:
                self.mark(name, "confirmed")
            elif said.get("transfer", {}).get("status") in UNDONE:
                self.give_back(row)

    def recover(self) -> None:
        """After a restart: everything that is open goes on."""
        for (name,) in self.book.execute(
            "SELECT id FROM transfers WHERE sender = 'partner' AND status IN ('held', 'reserved')"
        ).fetchall():
            self.go_on(name)

    def give_back(self, row: dict[str, Any]) -> None:
        with self.lock:
            self.book.execute("BEGIN IMMEDIATE")
            self.book.execute("UPDATE transfers SET status = 'returned' WHERE sender = 'partner' AND id = ?", (row["id"],))
            self.book.execute("UPDATE accounts SET points = points + ? WHERE name = ?", (row["partner"], row["account"]))
            self.book.execute("COMMIT")

    def mark(self, name: str, status: str) -> None:
        self.book.execute("UPDATE transfers SET status = ? WHERE sender = 'partner' AND id = ?", (status, name))

    def call(self, kind: str, name: str, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        body = json.dumps({"type": kind, "data": {"id": name, "sender": "partner"} | data}).encode()
        call, moment = f"{kind.split('.')[1]}-{name}", str(int(time.time()))
        headers = {"webhook-id": call, "webhook-timestamp": moment, "webhook-signature": self.mac(call, moment, body)}
        headers |= {"Content-Type": "application/json", "Idempotency-Key": call}
        request = urllib.request.Request(self.ours, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            said = json.loads(error.read() or b"{}")
            if said.get("code") != "replayed":
                return error.code, said
            time.sleep(1.1)  # twice in one second: signed anew it is another message
            return self.call(kind, name, data)
        except OSError:
            return 0, {}

    def find(self, sender: str, name: str) -> dict[str, Any] | None:
        row = self.book.execute("SELECT * FROM transfers WHERE sender = ? AND id = ?", (sender, name)).fetchone()
        names = ("sender", "id", "account", "centre", "partner", "day", "status")
        return dict(zip(names, row, strict=True)) if row else None

    def facts(self, row: dict[str, Any] | None) -> dict[str, Any]:
        assert row is not None
        points = {"centre": row["centre"], "partner": row["partner"]}
        return {"id": row["id"], "sender": row["sender"], "status": row["status"], "points": points}

    def control(self, wish: dict[str, Any]) -> dict[str, Any]:
        """What a test wants: an account, a transfer, a recovery, the book."""
        match wish["do"]:
            case "account":
                self.book.execute("INSERT INTO accounts VALUES (?, ?)", (wish["name"], wish["points"]))
            case "send":
                return {"id": self.send(wish["name"], wish["centre"], wish["partner"])}
            case "recover":
                self.recover()
            case "expire":
                self.book.execute("UPDATE transfers SET status = 'expired' WHERE sender = 'centre' AND status = 'reserved'")
        accounts = dict(self.book.execute("SELECT name, points FROM accounts").fetchall())
        rows = self.book.execute("SELECT sender, id, status, partner FROM transfers ORDER BY rowid").fetchall()
        return {"accounts": accounts, "transfers": rows}


def main() -> None:
    port, folder, secret, ours = sys.argv[1:]
    partner = Partner(Path(folder), secret, ours)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/control":
                status, said = 200, partner.control(json.loads(body))
            else:
                status, said = partner.receive(self.headers, body)
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
