"""``flask demo …``: fill the demo county, and say who may be whom."""

from __future__ import annotations

import time

import click

from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict
from volunteer.places.queries import mark
from volunteer.simulation.filling import DEMO, is_filled
from volunteer.simulation.filling import fill as fill_county
from volunteer.simulation.personas import PASSWORD, PERSONAS
from volunteer.simulation.progress import Bar
from volunteer.simulation.sizes import SIZES
from volunteer.web.unit import transaction


@click.group("demo")
def command() -> None:
    """The demo county: an invented place to look around in."""


@command.command()
@click.option("--size", type=click.Choice(list(SIZES)), default="demo", show_default=True, help="How many people live there.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed on the same day makes the same county.")
def fill(size: str, seed: int) -> None:
    """Fill an empty, migrated database with the demo county. One that is filled already stays as it is."""
    if is_filled(db.session()):
        click.echo("  The demo county is there already; it stays as it is.")
        return
    bar, chosen, began = Bar(), SIZES[size], time.monotonic()
    try:
        with transaction() as session:
            fill_county(session, chosen, seed, bar, at=now())
    except Conflict as error:
        raise click.ClickException(error.message) from None
    finally:
        bar.end()
    orders, took = sum(chosen.orders.values()), time.monotonic() - began
    click.echo(f"  Demo county: {chosen.volunteers:,} volunteers, {chosen.teams:,} teams, {orders:,} orders, {took:.0f} s")


@command.command()
def logins() -> None:
    """Print who may be whom in the demo county."""
    session = db.session()
    if not is_filled(session):
        raise click.ClickException("This database is not the demo county's.")
    click.echo(f"  Log in with one click on the log-in page, or with the password {PASSWORD} as:")
    for one in PERSONAS:
        click.echo(f"    {one.key:<12} {one.title_en:<20} {one.title}")
    click.echo(f"  A certificate to check: /verify/{mark(session, DEMO).get('certificate', '')}")
