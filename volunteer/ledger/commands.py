"""``flask ledger …``: what an administrator asks of the books."""

from __future__ import annotations

import json
from pathlib import Path

import click

from volunteer.access import SYSTEM
from volunteer.kernel.clock import local_date, now, zone_of
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError
from volunteer.ledger import chaining, checkpoints, exporting, keys, outside, proving, queries, rights, rotating, verify
from volunteer.ledger.models_keys import Purpose
from volunteer.web.unit import transaction

PURPOSE = click.Choice([purpose.value for purpose in Purpose])
ANYTHING = click.Path(exists=True, path_type=Path)


@click.group("ledger")
def command() -> None:
    """Prove the books of hours and points."""


@command.command("verify")
@click.option(
    "--against", multiple=True, type=ANYTHING, help="A checkpoint kept elsewhere, or a folder of them; as often as you like."
)
def check(against: tuple[Path, ...]) -> None:
    """Walk the chain, blocks and checkpoints; check sums, balances, keys, corrections and guards.

    Names the first broken row and exits 1 when something is wrong.
    """
    session = db.session()
    try:
        kept = outside.read(against)
    except outside.Unreadable as unreadable:
        raise click.ClickException(str(unreadable)) from None
    found = verify.findings(session, kept, at=now())
    for finding in found:
        click.echo(str(finding), err=True)
    if found:
        raise click.ClickException(f"The books are wrong, first at {found[0].row}.")
    for note in rights.notes(session):
        click.echo(note)
    last = checkpoints.latest(session)
    signed = f", signed up to {last.day} ({last.links} of them)" if last else ", not signed yet"
    beside = f" They are those of {sum(map(len, kept.marks.values()))} checkpoints kept elsewhere." if kept.marks else ""
    click.echo(f"The books are right: {queries.count(session)} transfers{signed}.{beside}")


@command.command("prove")
@click.argument("entry", type=int)
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="A file, instead of printing it.")
def prove(entry: int, target: Path | None) -> None:
    """Write a proof that ENTRY (the number of a transfer) stands in the signed books; docs/check_proof.py checks it."""
    try:
        proof = proving.prove(db.session(), entry)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    words = json.dumps(proof, ensure_ascii=False, indent=1)
    if target:
        target.write_text(words, encoding="utf-8")
    click.echo(f"{target}: a proof of entry {entry}" if target else words)


@command.command("checkpoint")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write it into a file, too.")
def checkpoint(target: Path | None) -> None:
    """Link what is posted and sign a checkpoint now, beside those of every night."""
    while True:
        with transaction() as session:
            if chaining.seal(session, at=now(), everything=True) is None:
                break
    with transaction() as session:
        at = now()
        signed = checkpoints.sign(session, day=local_date(at, zone_of(session)), at=at)
        content = checkpoints.exported(session, signed, blocks=True)
        said = f"Checkpoint {signed.number}: {signed.links} transfers, signed by key {signed.kid}."
    if target:
        exporting.write(target, content)
    click.echo(said)


@command.command("rights")
@click.argument("role")
@click.option("--show", is_flag=True, help="Print the statements instead of running them.")
def limit(role: str, show: bool) -> None:
    """On PostgreSQL: let ROLE, as whom the application runs, do everything but rewrite the books. Run it as the tables' owner."""
    try:
        statements = rights.statements(db.session(), role)
    except ValueError as why:
        raise click.ClickException(str(why)) from None
    if show:
        click.echo("".join(f"{statement};\n" for statement in statements), nl=False)
        return
    with transaction() as session:
        rights.apply(session, statements)
    click.echo(f"{role} may add to the books and read them, and nothing else; run this again after each upgrade.")


@command.group("keys")
def key_group() -> None:
    """The keys that sign."""


@key_group.command("list")
def list_keys() -> None:
    """Name every key, what it signs, and its window."""
    for key in keys.published(db.session()):
        until = key.ends.isoformat(timespec="minutes") if key.ends else "now"
        until += f", revoked from {key.revoked_from.isoformat(timespec='minutes')}" if key.revoked_from else ""
        click.echo(f"{key.kid}  {key.purpose.value:11}  {key.begins.isoformat(timespec='minutes')} – {until}  {key.public.hex()}")


@key_group.command("rotate")
@click.argument("purpose", type=PURPOSE)
@click.option("--reason", required=True, help="Why; it stays in the log.")
@click.option("--alone", is_flag=True, help="Without a second person: a key leaked and nobody can be reached. The log says so.")
def rotate(purpose: str, reason: str, alone: bool) -> None:
    """Ask for a new key; somebody else says yes at /manage/keys. The old one is retired and stays published."""
    try:
        with transaction() as session:
            if alone:
                key = rotating.change_alone(session, Purpose(purpose), reason, at=now())
                click.echo(f"Key {key.kid} signs from now on. Nobody else agreed to this, and the audit log says so.")
            else:
                asked = rotating.ask(session, SYSTEM, Purpose(purpose), reason, at=now())
                click.echo(f"Request {asked.id}: a county IT or an auditor decides at /manage/keys within a week.")
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
