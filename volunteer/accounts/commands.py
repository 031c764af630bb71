"""``flask people …``: the first members of staff, before anybody can log in to make others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Role
from volunteer.accounts import queries
from volunteer.accounts.granting import DERIVED, grant_role
from volunteer.accounts.models import Person
from volunteer.accounts.registering import PersonDraft, disable, register_person, set_password
from volunteer.kernel.clock import now
from volunteer.kernel.errors import DomainError
from volunteer.places.queries import site_of_code
from volunteer.web.unit import transaction

ROLES = click.Choice([role.value for role in Role if role not in DERIVED])


@click.group("people")
def command() -> None:
    """Make, empower and shut out people."""


@command.command("add")
@click.argument("login_name")
@click.argument("name")
@click.option("--role", type=ROLES, required=True)
@click.option("--site", required=True, help="The code of the site that the role holds for, with everything below.")
@click.option("--phone", help="Mobile number; volunteers and residents can log in with it.")
@click.password_option(help="Asked for when it is left out.")
def add(login_name: str, name: str, role: str, site: str, phone: str | None, password: str) -> None:
    """Register somebody with a log-in name, a password and a role."""
    with _worded() as session:
        place = site_of_code(session, site)
        draft = PersonDraft(name=name, login_name=login_name, password=password, phone=phone)
        register_person(session, SYSTEM, draft, at=now(), role=Role(role), site=place)
        click.echo(f"{login_name}: {role} at {place.name}")


@command.command("grant")
@click.argument("login_name")
@click.option("--role", type=ROLES, required=True)
@click.option("--site", required=True, help="The code of the site.")
def grant(login_name: str, role: str, site: str) -> None:
    """Give somebody one more role."""
    with _worded() as session:
        person = _person(session, login_name)
        grant_role(session, SYSTEM, person.id, Role(role), site_of_code(session, site), at=now())


@command.command("password")
@click.argument("login_name")
@click.password_option(help="Asked for when it is left out.")
def password(login_name: str, password: str) -> None:
    """Give somebody a new password; every device is logged out."""
    with _worded() as session:
        set_password(session, SYSTEM, _person(session, login_name), password, at=now())


@command.command("disable")
@click.argument("login_name")
def shut_out(login_name: str) -> None:
    """Close an account: it is signed out everywhere at once."""
    with _worded() as session:
        disable(session, SYSTEM, _person(session, login_name).id, at=now())


def _person(session: Session, login_name: str) -> Person:
    person = queries.by_login_name(session, login_name)
    if person is None:
        raise click.ClickException(f"Nobody logs in as {login_name}.")
    return person


@contextmanager
def _worded() -> Iterator[Session]:
    """A transaction whose refusals are words on the terminal."""
    try:
        with transaction() as session:
            yield session
    except DomainError as error:
        raise click.ClickException(str(error)) from None
