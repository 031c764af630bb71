"""Ways out of the house. A sender gets an address and words, and raises when it did not work."""

from __future__ import annotations

import sys
from typing import Protocol


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
