"""Ways out of the house. A sender gets an address and words, and raises when it did not work."""

from __future__ import annotations

import smtplib
import ssl
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit


class NotSent(Exception):
    """It did not go out; ``str`` says why, without the address."""


class Sender(Protocol):
    """Sends one text to one address."""

    def send(self, address: str, text: str) -> None:
        """Return when it was handed over. Raises NotSent, or whatever the network raises."""


class ConsoleSender:
    """Prints instead of sending: for the demo and for trying out. The number is masked."""

    def send(self, address: str, text: str) -> None:
        sys.stdout.write(f"SMS {masked(address)}  {text}\n")
        sys.stdout.flush()  # a log that is piped shows it at once


def masked(phone: str) -> str:
    """Return a phone number that its owner recognises and nobody else can call."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


SENDERS: dict[str, type[Sender]] = {"console": ConsoleSender}


def sender_called(name: str) -> Sender:
    """Return the sender of the setting ``sms_sender``. Raises ValueError naming those that there are."""
    if name not in SENDERS:
        raise ValueError(f"VOLUNTEER_SMS_SENDER must be one of {', '.join(SENDERS)}, not {name!r}")
    return SENDERS[name]()


class Mailer(Protocol):
    """Sends one mail of plain text."""

    def send(self, address: str, subject: str, text: str) -> None:
        """Return when a server took it. Raises NotSent, or whatever the network raises."""


class ConsoleMailer:
    """Prints what it would send: for the demo and for trying out."""

    def send(self, address: str, subject: str, text: str) -> None:
        sys.stdout.write(f"MAIL {address}  {subject}\n")
        sys.stdout.flush()  # a log that is piped shows it at once


@dataclass(frozen=True)
class SmtpMailer:
    """Hands mails to an SMTP server, never in the clear."""

    server: str  # smtp://user:password@host:587, or smtps:// for TLS from the first byte
    sender: str
    patience: float = 20.0

    def send(self, address: str, subject: str, text: str) -> None:
        where = urlsplit(self.server)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, address, subject
        mail.set_content(text)
        tls = ssl.create_default_context()
        with self._connect(where.scheme, where.hostname or "", where.port, tls) as server:
            if where.username:
                server.login(unquote(where.username), unquote(where.password or ""))
            if server.send_message(mail):
                raise NotSent("the server took it for nobody")

    def _connect(self, scheme: str, host: str, port: int | None, tls: ssl.SSLContext) -> smtplib.SMTP:
        if scheme == "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=self.patience, context=tls)
        server = smtplib.SMTP(host, port or 587, timeout=self.patience)
        server.starttls(context=tls)
        return server


def mailer_of(server: str, sender: str) -> Mailer:
    """Return the mailer of the settings ``mail_server`` and ``mail_from``. Raises ValueError for an address of another kind."""
    if not server:
        return ConsoleMailer()
    if urlsplit(server).scheme not in {"smtp", "smtps"}:
        raise ValueError("VOLUNTEER_MAIL_SERVER must begin with smtp:// or smtps://")
    return SmtpMailer(server, sender)
