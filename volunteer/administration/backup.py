"""A backup that can be believed: database and photos in one archive, read back before it counts.

The keys are not in it: whoever finds the archive can read nothing that is sealed. Keep a copy of the keys file elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.kernel import sqlite
from volunteer.kernel.crypto import Keyring, SealBroken
from volunteer.kernel.db import make_engine
from volunteer.ledger.verify import findings

MANIFEST, PHOTOS = "manifest.json", "photos"
SQLITE_FILE, POSTGRESQL_FILE = "database.sqlite3", "database.pgdump"
PIECE = 1024 * 1024


class BackupFailed(Exception):
    """It could not be made, read or put back; the message says what to do."""


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself."""

    made_at: str  # ISO 8601, UTC
    database: str  # the file of the database inside
    sha256: str  # of that file
    revision: str  # the migration that the tables are of
    photos: int


def make(url: str, media: Path, folder: Path, revision: str, *, at: datetime) -> Path:
    """Write a new archive into ``folder`` and return its path; half of one is never left under that name."""
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / f"county-{at:%Y%m%d-%H%M%S}.tar.gz"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as place:
        work = Path(place)
        copy = _copy_database(make_url(url), work)
        photos = sorted(path for path in media.rglob("*") if path.is_file()) if media.exists() else []
        manifest = Manifest(at.isoformat(), copy.name, digest(copy), revision, len(photos))
        (work / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        archive = work / "archive"
        with tarfile.open(archive, "w:gz", compresslevel=5) as tar:
            tar.add(work / MANIFEST, MANIFEST)
            tar.add(copy, copy.name)
            for path in photos:
                tar.add(path, f"{PHOTOS}/{path.relative_to(media)}")
        archive.chmod(0o600)
        archive.rename(final)
    return final


def check(archive: Path) -> Manifest:
    """Read an archive back whole: its hash, every row in it, on SQLite the books, too. Raises BackupFailed.

    The books of a PostgreSQL archive are proved when it is put back: that takes a server, which the reader may not have.
    """
    with tempfile.TemporaryDirectory(prefix="backup-") as place:
        manifest = unpack(archive, Path(place))
        copy = Path(place) / manifest.database
        if copy.name == SQLITE_FILE:
            _check_sqlite(copy)
        else:
            _run([_tool("pg_restore"), "--file", os.devnull, str(copy)], {})
        return manifest


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpack an archive and compare its hash. Raises BackupFailed when it is not whole."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(folder, filter="data")
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        copy = folder / manifest.database
        if manifest.database not in {SQLITE_FILE, POSTGRESQL_FILE} or digest(copy) != manifest.sha256:
            raise BackupFailed(f"{archive} is damaged: its database is not the one that was written.")
    except (OSError, tarfile.TarError, EOFError, ValueError, TypeError) as error:
        raise BackupFailed(f"{archive} cannot be read: {type(error).__name__}.") from error
    return manifest


def restore(archive: Path, url: str, media: Path) -> Manifest:
    """Put an archive back into an empty database. Raises BackupFailed where something is there already."""
    target = make_url(url)
    with tempfile.TemporaryDirectory(prefix="backup-") as place:
        manifest = unpack(archive, Path(place))
        copy = Path(place) / manifest.database
        if (copy.name == SQLITE_FILE) != (target.get_backend_name() == "sqlite"):
            raise BackupFailed("This backup is of the other kind of database; restore it into one of its own kind.")
        if copy.name == SQLITE_FILE:
            _put_sqlite(copy, Path(str(target.database)))
        else:
            _put_postgresql(copy, target)
        if (Path(place) / PHOTOS).exists():
            shutil.copytree(Path(place) / PHOTOS, media, dirs_exist_ok=True)
    return manifest


def opens(url: str, keyring: Keyring) -> bool:
    """Return whether the installation's keys are those of this database; True where nothing is sealed in it yet."""
    engine = make_engine(url)
    newest = select(Person.uid, Person.wrapped_key).where(Person.wrapped_key.is_not(None)).order_by(Person.id.desc()).limit(1)
    with engine.connect() as connection:
        holder = connection.execute(newest).one_or_none()
    engine.dispose()
    try:
        return holder is None or bool(keyring.data_key(holder.wrapped_key, holder.uid))
    except SealBroken:
        return False


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha.update(piece)
    return sha.hexdigest()


def _copy_database(url: URL, work: Path) -> Path:
    if url.get_backend_name() == "sqlite":
        copy = work / SQLITE_FILE
        connect: Any = sqlite.module.connect
        with closing(connect(url.database)) as source, closing(connect(str(copy))) as target:
            source.backup(target)  # a moment's picture, while others go on writing
        return copy
    copy = work / POSTGRESQL_FILE
    _run([_tool("pg_dump"), "--format=custom", "--no-owner", "--file", str(copy)], _login(url))
    return copy


def _check_sqlite(copy: Path) -> None:
    engine = make_engine(f"sqlite:///{copy}")
    with Session(engine) as session:
        said = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
        if said != "ok":
            raise BackupFailed(f"The database inside is damaged: {said}")
        if broken := findings(session):
            raise BackupFailed(f"The books inside are not right: {broken[0]}")
    engine.dispose()


def _put_sqlite(copy: Path, target: Path) -> None:
    for file in (target, *(target.with_name(f"{target.name}{end}") for end in ("-wal", "-journal"))):  # a log goes into any file
        if file.exists() and file.stat().st_size:
            raise BackupFailed(f"{file} is there already. Stop the services, move {target.name}* away: nothing is overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(copy, target)


def _put_postgresql(copy: Path, target: URL) -> None:
    engine = make_engine(target.render_as_string(hide_password=False))
    with engine.connect() as connection:
        tables = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).scalar()
    engine.dispose()
    if tables:
        raise BackupFailed("This database has tables already. Restore into an empty one; nothing is overwritten.")
    login = _login(target)
    how = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={login['PGDATABASE']}")
    _run([_tool("pg_restore"), *how, str(copy)], login)


def _login(url: URL) -> dict[str, str]:
    """The address of a PostgreSQL database the way its tools read it: in the environment, not in the list of processes."""
    given = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    return {name: str(value) for name, value in given.items() if value} | {"PGDATABASE": str(url.database)}


def _tool(name: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))  # where Debian keeps what is not on the path
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if found is None:
        raise BackupFailed(f"{name} is not on this machine. It comes with PostgreSQL's client package.")
    return found


def _run(command: list[str], login: dict[str, str]) -> None:
    done = subprocess.run(command, env=os.environ | login, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"{Path(command[0]).name} failed: {done.stderr.strip()[-400:]}")
