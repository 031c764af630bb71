"""``flask ledger …``: what an administrator asks of the books."""

from __future__ import annotations

import click

from volunteer.kernel.db import db
from volunteer.ledger import queries, verify


@click.group("ledger")
def command() -> None:
    """Prove the books of hours and points."""


@command.command("verify")
def prove() -> None:
    """Check sums, balances, keys, corrections and guards. Names the first broken row and exits 1 when one is wrong."""
    session = db.session()
    found = verify.findings(session)
    for finding in found:
        click.echo(str(finding), err=True)
    if found:
        raise click.ClickException(f"The books are wrong, first at {found[0].row}.")
    click.echo(f"The books are right: {queries.count(session)} transfers.")
