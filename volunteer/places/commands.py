"""``flask sites …``: founding the tree of a new county, or a site more."""

from __future__ import annotations

import click

from volunteer.access import SYSTEM
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError
from volunteer.kernel.geo import Point
from volunteer.places import queries
from volunteer.places.founding import SiteDraft, found_site
from volunteer.web.unit import transaction


@click.group("sites")
def command() -> None:
    """Found and list sites."""


@command.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--name-en", default="", help="The name in English.")
@click.option("--under", help="The code of the site above; without it a centre is founded.")
@click.option("--at", "where", nargs=2, type=float, required=True, metavar="LATITUDE LONGITUDE", help="WGS-84 degrees.")
@click.option("--phone", default="", help="The public telephone of the office.")
@click.option("--head", default="", help="The person in charge, printed on certificates.")
def add(code: str, name: str, name_en: str, under: str | None, where: tuple[float, float], phone: str, head: str) -> None:
    """Found a centre, or the branch or station below another site."""
    try:
        with transaction() as session:
            parent = queries.site_of_code(session, under) if under else None
            draft = SiteDraft(code=code, name=name, name_en=name_en, point=Point(*where), phone=phone, head=head)
            site = found_site(session, SYSTEM, draft, parent, at=now())
            click.echo(f"{site.level.value} {site.code} {site.name}")
    except (DomainError, ValueError) as error:
        raise click.ClickException(str(error)) from None


@command.command("list")
def show() -> None:
    """List the open sites in their order."""
    for site in sorted(queries.open_sites(db.session()), key=lambda one: one.path):
        click.echo(f"{'  ' * (site.path.count('/') - 2)}{site.code} {site.name}")
