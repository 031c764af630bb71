"""Commands about certificates: ``./run flask certificates …``."""

from __future__ import annotations

from pathlib import Path

import click

from volunteer.certificates import authority
from volunteer.kernel.clock import now
from volunteer.web import county
from volunteer.web.config import current_settings


@click.group("certificates")
def command() -> None:
    """Sign the PDFs of certificates, and check them."""


@command.command("authority")
def make_authority() -> None:
    """Make the county's own certificate authority and the key that its PDFs are signed with. Public ones are better."""
    settings = current_settings()
    root_file = settings.pdf_key_file.with_name("root.pem")
    made = authority.make(county.facts().name or "Volunteer service centre", at=now())
    try:
        authority.save(made, settings.pdf_key_file, settings.pdf_password_file, root_file)
    except FileExistsError as error:
        raise click.ClickException(f"{error.args[0]} is there already; nothing was changed.") from None
    click.echo(f"The key: {settings.pdf_key_file} (back it up with the keys file; its password: {settings.pdf_password_file})")
    click.echo(f"For readers that shall trust it: {root_file}. It says of itself that it is self-made.")
    click.echo("Restart the web server and the job process: from then on every PDF is signed.")


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check the signature in a PDF against the authority's root. Needs pyHanko, which only tests bring along."""
    try:
        from volunteer.certificates import checking
    except ImportError:
        raise click.ClickException("This needs pyHanko: .venv/bin/pip install 'pyhanko>=0.30'") from None
    root_file = current_settings().pdf_key_file.with_name("root.pem")
    verdict = checking.verdict(file.read_bytes(), root_file.read_bytes() if root_file.is_file() else None)
    click.echo(verdict.words)
    if not verdict.sound:
        raise SystemExit(1)
