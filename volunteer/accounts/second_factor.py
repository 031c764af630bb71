"""A second proof beside the password: a code that changes every 30 seconds, or one of ten for the day the phone is lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.accounts import totp
from volunteer.accounts.granting import must_manage, sign_out_everywhere
from volunteer.accounts.models import Person
from volunteer.accounts.models_entering import RecoveryCode, SecondFactor
from volunteer.audit.recording import record
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.settings import BadSetting

NOBODY_MUST = "none"
WRONG_CODE = N_("This code is not right, or it was used before. Wait for the next one.")


def roles_of(setting: str) -> frozenset[Role]:
    """Return the roles that must have a second factor. Raises BadSetting for a role that does not exist."""
    names = [name.strip() for name in setting.split(",") if name.strip() and name.strip() != NOBODY_MUST]
    try:
        return frozenset(Role(name) for name in names)
    except ValueError:
        known = ", ".join(role.value for role in Role)
        raise BadSetting(f"VOLUNTEER_SECOND_FACTOR_ROLES must be “none” or some of: {known}; not {setting!r}") from None


def must_have(roles: Iterable[Role], wanted: frozenset[Role]) -> bool:
    """Return whether somebody with these roles has to have a second factor."""
    return bool(wanted & set(roles))


def of(session: Session, person_id: int) -> SecondFactor | None:
    """Return somebody's second factor, also one that is only begun."""
    return session.get(SecondFactor, person_id)


def is_on(session: Session, person_id: int) -> bool:
    """Return whether logging in as this person takes a second proof."""
    factor = of(session, person_id)
    return factor is not None and factor.confirmed_at is not None


def codes_left(session: Session, person_id: int) -> int:
    """Return how many recovery codes are unused."""
    unused = (RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def begin(session: Session, actor: Actor, *, at: datetime) -> SecondFactor:
    """Give the actor a secret to put into an authenticator; a secret that is not in use yet is thrown away."""
    person = load(session, Person, actor.user_id)
    factor = of(session, person.id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("factor_on", N_("Your second factor is in use already. Turn it off first to set it up anew."))
    if factor is None:
        factor = SecondFactor(person_id=person.id, person=person, begun_at=at)
        session.add(factor)
    factor.begun_at = at
    factor.secret = totp.new_secret()
    return factor


def confirm(session: Session, actor: Actor, typed: str, *, at: datetime) -> list[str]:
    """Take the secret into use once its first code is right; return ten recovery codes, shown this once.

    Raises Invalid for a wrong code, Conflict when nothing was begun.
    """
    factor = of(session, load(session, Person, actor.user_id).id)
    if factor is None or factor.secret is None:
        raise Conflict("factor_not_begun", N_("Please begin again."))
    if factor.confirmed_at is not None:
        raise Conflict("factor_on", N_("Your second factor is in use already. Turn it off first to set it up anew."))
    step = totp.matching_step(factor.secret, typed, at, factor.last_step)
    if step is None:
        raise Invalid.field("code", N_("This code is not right. Look whether the clock of your phone is."))
    factor.confirmed_at, factor.last_step = at, step
    record(session, actor, "factor_on", f"person:{factor.person_id}", at=at)
    return _new_codes(session, factor.person, at)


def accept(session: Session, person_id: int, typed: str, *, at: datetime) -> str | None:
    """Return how ``typed`` proves this person ("code" or "recovery"), None when it does not. Whatever is taken is used up.

    Of two that send the same code at once one is taken: both are one conditional UPDATE.
    """
    factor = of(session, person_id)
    if factor is None or factor.confirmed_at is None or factor.secret is None:
        return None
    if totp.looks_like_recovery(typed):
        unused = (RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        hashed = _hash(session, factor.person, typed)
        taken = update(RecoveryCode).where(*unused, RecoveryCode.code_hash == hashed).values(used_at=at)
        return "recovery" if session.execute(taken).rowcount else None  # type: ignore[attr-defined]
    step = totp.matching_step(factor.secret, typed, at, factor.last_step)
    if step is None:
        return None
    mine = (SecondFactor.person_id == person_id, SecondFactor.last_step < step)
    return "code" if session.execute(update(SecondFactor).where(*mine).values(last_step=step)).rowcount else None  # type: ignore[attr-defined]


def renew_codes(session: Session, actor: Actor, *, at: datetime) -> list[str]:
    """Return ten new recovery codes; the old ones open nothing any more. The edge has asked for a code first."""
    factor = of(session, load(session, Person, actor.user_id).id)
    if factor is None or factor.confirmed_at is None:
        raise Conflict("factor_off", N_("There is no second factor."))
    record(session, actor, "recovery_codes_renewed", f"person:{factor.person_id}", at=at)
    return _new_codes(session, factor.person, at)


def turn_off(session: Session, actor: Actor, *, at: datetime) -> None:
    """Do without it from now on. The edge has asked for password and code first. Twice is no error."""
    person = load(session, Person, actor.user_id)
    if _forget(session, person):
        record(session, actor, "factor_off", f"person:{person.id}", at=at)


def reset(session: Session, actor: Actor, person_id: int, *, at: datetime) -> None:
    """An administrator takes somebody's second factor away (a lost phone, no codes left). The person is told, and logged out."""
    person = load(session, Person, person_id)
    must_manage(session, actor, person, at=at)
    if person.id == actor.user_id:
        raise Conflict("own_factor", N_("Somebody else must do this for you."))
    if not _forget(session, person):
        return
    sign_out_everywhere(session, person.id, at=at)
    record(session, actor, "factor_reset", f"person:{person.id}", at=at)
    tell(session, Recipient(person.id, person.phone, person.locale), "factor_reset", at=at)


def _forget(session: Session, person: Person) -> bool:
    factor = of(session, person.id)
    if factor is None:
        return False
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.delete(factor)
    session.flush()  # a new one may follow at once
    return True


def _new_codes(session: Session, person: Person, at: datetime) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = totp.recovery_codes()
    session.add_all(RecoveryCode(person_id=person.id, code_hash=_hash(session, person, code), made_at=at) for code in codes)
    return codes


def _hash(session: Session, person: Person, typed: str) -> str:
    return str(session.info["keyring"].blind("recovery-code", f"{person.uid}:{totp.tidy(typed)}"))
