"""Passwords: argon2id, and the few that nobody may choose."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from volunteer.kernel.words import N_

COMMON = Path(__file__).with_name("common_passwords.txt")
SHORTEST = 8
LONGEST = 128
CONTEXT = ("volunteer", "zhiyuan", "wenming", "centre", "wujiang")
SCREENS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "0987654321", "1qaz2wsx3edc", "abcdefghijklmnopqrstuvwxyz")


def complaint(password: str, login_name: str = "") -> str | None:
    """Return why ``password`` may not be chosen, or None. OWASP ASVS 5.0: length, common ones, words of the context."""
    lowered = password.lower()
    if len(password) < SHORTEST:
        return N_("Please choose at least 8 characters; a short sentence is good.")
    if len(password) > LONGEST:
        return N_("Please choose at most 128 characters.")
    if login_name and login_name.lower() in lowered:
        return N_("The password must not contain your log-in name.")
    if lowered in common() or len(set(lowered)) < 4 or any(lowered in row for row in SCREENS):
        return N_("This password is too common. Please choose another.")
    if _is_context(lowered):
        return N_("This password is too easy to guess here. Please choose another.")
    return None


def _is_context(lowered: str) -> bool:
    """Whether a password is words that belong to this place, with digits, signs and at most three letters around them."""
    rest = lowered
    for word in CONTEXT:
        rest = rest.replace(word, "")
    return rest != lowered and sum(sign.isalpha() for sign in rest) < 4


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """Return the passwords that everybody tries first."""
    return frozenset(COMMON.read_text(encoding="utf-8").split())


@lru_cache(maxsize=4)
def hasher(cost: int) -> PasswordHasher:
    """Return argon2id with ``cost`` passes over 19 MiB (OWASP: 2). A cost below 2 is for tests: next to no memory."""
    return PasswordHasher(time_cost=cost, memory_cost=19_456 if cost >= 2 else 8, parallelism=1)


def hash_password(password: str, cost: int) -> str:
    """Return the hash to store."""
    return hasher(cost).hash(password)


def matches(stored: str | None, password: str, cost: int) -> bool:
    """Return whether ``password`` is the one; without a stored hash the same work is done and the answer is no."""
    try:
        hasher(cost).verify(stored or _nobodys(cost), password[:1024])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@lru_cache(maxsize=4)
def _nobodys(cost: int) -> str:
    return hash_password("no account has this password", cost)
