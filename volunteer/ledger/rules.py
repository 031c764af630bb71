"""Who owns an account, and how low it may go. No I/O here."""

from __future__ import annotations

from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade, Unit

LARGEST = 2**31 - 1  # of one transfer


def person(person_id: int) -> str:
    """Return the owner's name of a person's account."""
    return f"person:{person_id}"


def issued_by(site_id: int, unit: Unit) -> str:
    """Return the owner's name of the account from which a site issues ``unit``.

    Every site has its own, so that no row is touched by every posting. Its balance is minus what the site has issued.
    """
    return f"site:{site_id}:{unit.value}-issued"


def held_for(redemption_id: int) -> str:
    """Return the owner's name of the account where the points of a reserved gift lie until it is fetched."""
    return f"redemption:{redemption_id}"


def merchant(merchant_id: int) -> str:
    """Return the owner's name of the account of what is owed to a merchant."""
    return f"merchant:{merchant_id}"


def settled_for(merchant_id: int) -> str:
    """Return the owner's name of the account of what a merchant was paid for."""
    return f"merchant:{merchant_id}:settled"


def exchange(exchange_id: int) -> str:
    """Return the owner's name of the account on which a transfer to another platform waits."""
    return f"exchange:{exchange_id}"


def came_from(partner_id: int) -> str:
    """Return the owner's name of the account from which a partner's points come in; minus what came."""
    return f"partner:{partner_id}:points-issued"


def went_to(partner_id: int) -> str:
    """Return the owner's name of the account of what went out to a partner."""
    return f"partner:{partner_id}:points-out"


def wish(wish_id: int) -> str:
    """Return the owner's name of the account on which the points given to a wish lie."""
    return f"wish:{wish_id}"


def pool_of(site_id: int) -> str:
    """Return the owner's name of a site's pool of given points (爱心池)."""
    return f"site:{site_id}:points-pool"


def expired_at(site_id: int) -> str:
    """Return the owner's name of the account of a site's points that ran out."""
    return f"site:{site_id}:points-expired"


def person_of(owner: str) -> int | None:
    """Return the person whose account ``owner`` names ("person:12"), None for anything else."""
    kind, _, number = owner.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else None


def site_of(owner: str) -> int | None:
    """Return the site that issues from the account ``owner`` ("site:3:minutes-issued"), None for anything else."""
    kind, _, rest = owner.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "site" and number.isdecimal() else None


def floor_of(owner: str) -> int | None:
    """Return the lowest balance ``owner`` may have: none for an issuing account, zero for everybody else."""
    return None if owner.endswith("-issued") else 0


def counts(grade: Grade | None, weakest: str) -> bool:
    """Return whether an entry of ``grade`` counts where ``weakest`` ("a" to "d") is the weakest evidence that does.

    An entry without a grade was shown by nothing, so it counts as D.
    """
    return (grade or Grade.D).value <= weakest


def must_be_amount(amount: object) -> None:
    """Raise Invalid unless ``amount`` is a whole number from 1 to LARGEST; True is not a number here."""
    if type(amount) is not int or not 1 <= amount <= LARGEST:
        raise Invalid("invalid_amount", N_("The amount must be a whole number above zero."))
