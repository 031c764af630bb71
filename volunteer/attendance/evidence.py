"""How somebody shows that the team was there, and how much each way proves. No I/O, no clock.

The resident's start code and the device's position together are A; the code alone, the rotating QR of the resident's
page, and the position alone are B; the leader's roll-call is C; what is written in afterwards is D.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from volunteer.attendance.models import Method
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.geo import Point, geodesic_metres
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade

STEP_SECONDS = 30
STEPS_KEPT = 2  # a QR that was shown up to two steps ago is still taken: scanning and tapping take a moment
FINEST_METRES = 1.0  # no phone knows better than this where it is
ROUGHEST_METRES = 200.0  # a phone less sure than this says nothing

GRADES = {
    Method.CODE_AND_POSITION: Grade.A,
    Method.CODE: Grade.B,
    Method.QR: Grade.B,
    Method.FENCE: Grade.B,
    Method.ROLL_CALL: Grade.C,
    Method.BY_HAND: Grade.D,
}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a device says that it is (WGS-84), and within how many metres it is sure (68 %)."""

    point: Point
    accuracy: float


@dataclass(frozen=True, slots=True)
class Proof:
    """What the leader hands in on arriving or leaving.

    ``present`` are the members who are there; None means everybody who was chosen. ``ended_at`` is given when nobody
    checked out in time and the leader says afterwards when they left. ``device`` is a keyed hash of the phone's own mark:
    it proves nothing about presence, and shows later when one phone checks in under many names.
    """

    code: str = ""
    qr: str = ""
    position: Position | None = None
    present: frozenset[int] | None = None
    ended_at: datetime | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a proof is held against. ``seed`` is the order's secret; ``about`` ("order:88") binds a QR to one order."""

    about: str
    seed: str
    code: str | None
    place: Point
    fence_metres: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof that holds. ``step`` is the QR's, to be used once; None for every other way."""

    method: Method
    step: int | None = None

    @property
    def grade(self) -> Grade:
        """What it proves."""
        return GRADES[self.method]


def weaker(one: Grade, other: Grade) -> Grade:
    """Return the grade that counts for a visit that began with ``one`` and ended with ``other``."""
    return max(one, other, key=lambda grade: grade.value)


def qr_proof(seed: str, about: str, at: datetime) -> str:
    """Return what the resident's page puts into its QR at this moment: the step and its HMAC-SHA256 (128 bits)."""
    return _proof(seed, about, _step(at))


def next_proof_at(at: datetime) -> datetime:
    """Return when the QR changes next."""
    return datetime.fromtimestamp((_step(at) + 1) * STEP_SECONDS, UTC)


def judge(proof: Proof, expected: Expected, *, at: datetime) -> Shown:
    """Return what ``proof`` shows, judged by the strongest thing that was handed in.

    A code with a position that does not hold proves what the code alone proves. A position alone that does not hold is
    refused, not turned into the leader's word: the leader says so by handing in nothing. Raises Invalid for a wrong
    code, a QR that is forged, of another order or too old, and a position too far away, too unsure or impossible.
    """
    if proof.ended_at is not None:
        return Shown(Method.BY_HAND)
    if proof.qr:
        return Shown(Method.QR, _valid_step(proof.qr, expected, at))
    if proof.code:
        if not expected.code or not hmac.compare_digest(proof.code.encode(), expected.code.encode()):
            raise Invalid.field("code", N_("This is not the start code. Please ask the resident to read it out again."))
        near = proof.position is not None and _complaint(proof.position, expected) is None
        return Shown(Method.CODE_AND_POSITION if near else Method.CODE)
    if proof.position is not None:
        if complaint := _complaint(proof.position, expected):
            raise complaint
        return Shown(Method.FENCE)
    return Shown(Method.ROLL_CALL)


def _complaint(position: Position, expected: Expected) -> Invalid | None:
    """Why this position proves nothing. A phone's own doubt is in its favour, but never by more than ROUGHEST_METRES."""
    if not math.isfinite(position.accuracy) or position.accuracy < FINEST_METRES:
        return Invalid.field("position", N_("Your phone sent a position that cannot be right. Please use the start code."))
    if position.accuracy > ROUGHEST_METRES:
        return Invalid.field("position", N_("Your phone is not sure enough where it is. Please use the start code."))
    metres = geodesic_metres(position.point, expected.place)
    if metres > expected.fence_metres + position.accuracy:
        return Invalid.field(
            "position", N_("Your phone says that you are not there yet. Please use the start code."), metres=round(metres)
        )
    return None


def _valid_step(proof: str, expected: Expected, at: datetime) -> int:
    head, _, _ = proof.partition(".")
    if not (head.isascii() and head.isdigit() and len(head) <= 12):
        raise _bad_qr()
    step = int(head)
    if not hmac.compare_digest(proof.encode(), _proof(expected.seed, expected.about, step).encode()):
        raise _bad_qr()
    if not _step(at) - STEPS_KEPT <= step <= _step(at) + 1:  # one ahead: clocks of two machines
        raise Conflict("qr_too_old", N_("This QR code has run out. Please scan the one that is shown now."))
    return step


def _bad_qr() -> Invalid:
    return Invalid.field("qr", N_("This QR code is not for this visit."))


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def _proof(seed: str, about: str, step: int) -> str:
    mac = hmac.new(seed.encode(), f"presence:{about}:{step}".encode(), hashlib.sha256).digest()[:16]
    return f"{step}.{urlsafe_b64encode(mac).decode().rstrip('=')}"
