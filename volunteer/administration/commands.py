"""``flask county …``: opening a new county from its console, and keeping copies of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
import flask_migrate
from flask import current_app
from pyrage import x25519
from sqlalchemy import inspect, select

from volunteer.access import SYSTEM
from volunteer.administration import backup, forgetting, opening, sealed_backups
from volunteer.administration.models import Backup
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, DomainError
from volunteer.orders.models import ServiceOrder
from volunteer.web import ready
from volunteer.web.config import current_settings
from volunteer.web.unit import transaction

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
KEY = click.option("--key", type=FILE, help="The file with the private key, when the archive is sealed.")


@click.group("county")
def command() -> None:
    """Open a new county, back it up, put it back."""


@command.command("prepare")
def prepare() -> None:
    """Before serving: make the tables of a brand-new database, and print the token while there is no county."""
    if not inspect(db.engine).get_table_names():
        click.echo("A new database: making its tables …")
        flask_migrate.upgrade(directory=current_app.config["MIGRATIONS"])
    if ready.migrations_state() == "ok" and not opening.is_open(db.session()):
        _print_token()


@command.command("token")
def token() -> None:
    """Print a fresh token for the set-up page; the one before is worth nothing any more."""
    try:
        _print_token()
    except Conflict:
        raise click.ClickException("This county is set up already.") from None


@command.command("backup")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Instead of VOLUNTEER_BACKUP_FOLDER.")
def make(folder: Path | None) -> None:
    """Copy database and photos into one archive, and read it back before it counts. The keys are not in it.

    With VOLUNTEER_BACKUP_RECIPIENTS it is sealed for whoever has the private halves.
    """
    settings, at, began = current_settings(), now(), time.monotonic()
    with _in_words():
        recipients = sealed_backups.recipients_of(settings.backup_recipients)
        archive = _archive(folder or settings.backup_folder, recipients, at)
    with transaction() as session:
        session.add(
            Backup(
                made_at=at,
                file=str(archive)[-300:],
                bytes=archive.stat().st_size,
                sha256=backup.digest(archive),
                seconds=round(time.monotonic() - began, 1),
                checked_at=now(),
            )
        )
    click.echo(f"{archive}  {archive.stat().st_size:,} bytes, read back and right.")
    click.echo(f"The keys are not in it. Keep a copy of {settings.keys_file} where the archive is not.")
    if not recipients:
        click.echo("It is not sealed: names and addresses in it can be read. See VOLUNTEER_BACKUP_RECIPIENTS.")


@command.command("backup-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_key(file: Path) -> None:
    """Make a key that opens sealed backups, on another machine than the one that makes them."""
    try:
        public = sealed_backups.new_key(file)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; nothing is overwritten.") from None
    click.echo(f"The private key is in {file}. Keep it where the backups are not, twice: without it no backup opens.")
    click.echo(f"VOLUNTEER_BACKUP_RECIPIENTS={public}")


@command.command("check")
@click.argument("archive", type=FILE)
@KEY
def check(archive: Path, key: Path | None) -> None:
    """Read an archive back: is it whole, are its books right?"""
    with _in_words(), sealed_backups.opened(archive, key) as plain:
        manifest = backup.check(plain)
    click.echo(f"Whole, of {manifest.made_at}, tables of migration {manifest.revision}, {manifest.photos} photos.")


@command.command("restore")
@click.argument("archive", type=FILE)
@KEY
def restore(archive: Path, key: Path | None) -> None:
    """Put an archive back into an empty database; ./run flask db upgrade then brings it to this version."""
    settings = current_settings()
    db.session.remove()
    db.engine.dispose()
    with _in_words(), sealed_backups.opened(archive, key) as plain:
        manifest = backup.restore(plain, settings.database_url, settings.media_folder)
    click.echo(f"Restored as of {manifest.made_at}. Now: ./run flask db upgrade, ./run flask ledger verify,")
    click.echo("and ./run flask jobs run administration.forget_again: who was forgotten since the backup is forgotten again.")
    if not backup.opens(settings.database_url, current_app.extensions["keyring"]):
        raise click.ClickException(
            f"{settings.keys_file} does not open what is sealed in it. Before anything starts put the keys file of that county "
            "there: with another one phones, doors and documents cannot be read."
        )


@command.command("forget")
@click.option("--order", "number", help="The number of one of their requests: whoever it is for.")
@click.option("--person", "person_id", type=int, help="The number of their entry.")
@click.confirmation_option(prompt="Their data are destroyed for good. Go on?")
def forget(number: str | None, person_id: int | None) -> None:
    """Forget somebody who asked for it and has no account: who has one does it on /me/data."""
    try:
        with transaction() as session:
            if number is not None:
                person_id = session.scalar(select(ServiceOrder.resident_id).where(ServiceOrder.number == number))
            uid = forgetting.forget(session, SYSTEM, person_id or 0, at=now())
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    forgetting.note(current_app.config["FORGOTTEN_FILE"], [uid])
    click.echo("Forgotten.")


def _archive(folder: Path, recipients: Sequence[x25519.Recipient], at: datetime) -> Path:
    """Make an archive that was read back. What is to be sealed comes into ``folder`` sealed."""
    settings, revision = current_settings(), _revision()
    if not recipients:
        archive = backup.make(settings.database_url, settings.media_folder, folder, revision, at=at)
        backup.check(archive)
        return archive
    with tempfile.TemporaryDirectory(prefix="backup-") as place:
        plain = backup.make(settings.database_url, settings.media_folder, Path(place), revision, at=at)
        backup.check(plain)
        return sealed_backups.seal(plain, folder, recipients)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except backup.BackupFailed as error:
        raise click.ClickException(str(error)) from None


def _print_token() -> None:
    with transaction() as session:
        words = opening.new_token(session, at=now())
    address = current_settings().public_url.rstrip("/")
    click.echo("")
    click.echo("  This database is empty. Set your county up here (the token works once, for a day):")
    click.echo(f"  {address}/setup?token={words}")
    click.echo(f"  Token: {words}")
    click.echo("")


def _revision() -> str:
    from alembic.migration import MigrationContext

    return str(MigrationContext.configure(db.session.connection()).get_current_revision())
