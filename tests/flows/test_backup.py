"""A backup is read back before it counts, and is put back into an empty database only."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.conftest import running
from tests.support import builders as make
from tests.support.databases import Database, SqliteFactory
from volunteer.administration import backup, sealed_backups
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import make_engine, write
from volunteer.places.models import Site

AT = datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "photo.jpg").write_bytes(b"picture")
    return folder


@pytest.fixture
def archive(database: Database, keyring: Keyring, photos: Path, tmp_path: Path) -> Path:
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        make.a_site(session, name="演示中心")
    return backup.make(database.url, photos, tmp_path / "kept", "0003", at=AT)


def test_an_archive_is_whole_and_only_its_owner_may_read_it(archive: Path) -> None:
    assert backup.check(archive).photos == 1
    assert archive.name == "county-20261121-010203.tar.gz"
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if "keys" in name]


def test_what_was_backed_up_comes_back(archive: Path, database: Database, factory: SqliteFactory, tmp_path: Path) -> None:
    if database.kind == "sqlite":
        url = f"sqlite:///{tmp_path}/back.sqlite3"
    else:
        target = factory.new()
        with target.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        url = target.url
    backup.restore(archive, url, tmp_path / "back")
    engine = make_engine(url)
    with Session(engine) as session:
        assert session.scalars(select(Site.name)).all() == ["演示中心"]
    engine.dispose()
    assert (tmp_path / "back" / "ab" / "photo.jpg").read_bytes() == b"picture"
    if database.kind != "sqlite":
        factory.drop(target)


def test_nothing_that_is_there_is_overwritten(archive: Path, database: Database, photos: Path) -> None:
    with pytest.raises(backup.BackupFailed):
        backup.restore(archive, database.url, photos)


def test_what_is_left_of_an_old_file_stops_a_restore(sqlite: Database, photos: Path, tmp_path: Path) -> None:
    archive = backup.make(sqlite.url, photos, tmp_path / "kept", "0003", at=AT)
    left = tmp_path / "back.sqlite3-wal"
    left.write_bytes(b"pages of another database")
    with pytest.raises(backup.BackupFailed, match="-wal is there"):
        backup.restore(archive, f"sqlite:///{tmp_path}/back.sqlite3", tmp_path / "back")
    assert not (tmp_path / "back.sqlite3").exists()


def test_other_keys_than_those_of_the_county_are_noticed(database: Database, keyring: Keyring) -> None:
    assert backup.opens(database.url, Keyring.generate()), "nothing is sealed yet"
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        make.a_person(session)
    assert backup.opens(database.url, keyring)
    assert not backup.opens(database.url, Keyring.generate())


def test_a_damaged_archive_is_found_out(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for name, content in (("short", whole[: len(whole) // 2]), ("flipped", whole[:-2000] + b"x" + whole[-1999:]), ("none", b"")):
        broken = tmp_path / name
        broken.write_bytes(content)
        with pytest.raises(backup.BackupFailed):
            backup.check(broken)


def test_a_sealed_backup_opens_for_each_holder_of_a_key_and_for_nobody_else(archive: Path, tmp_path: Path) -> None:
    keys = [tmp_path / name for name in ("one", "two", "stranger")]
    publics = [sealed_backups.new_key(key) for key in keys]
    recipients = sealed_backups.recipients_of(", ".join(publics[:2]))
    sealed = sealed_backups.seal(archive, tmp_path / "sealed", recipients)
    assert sealed.name == "county-20261121-010203.tar.gz.age"
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in sealed.parent.iterdir()] == [sealed.name]
    for key in keys[:2]:
        with sealed_backups.opened(sealed, key) as plain:
            assert plain.read_bytes() == archive.read_bytes()
            assert backup.check(plain).photos == 1
        assert not plain.exists()
    for key in (keys[2], None):
        with pytest.raises(backup.BackupFailed), sealed_backups.opened(sealed, key):
            pass


def test_a_sealed_backup_holds_no_word_of_what_is_in_it_and_a_changed_byte_is_noticed(archive: Path, tmp_path: Path) -> None:
    plain, key = tmp_path / "plain.tar.gz", tmp_path / "key"
    plain.write_bytes("演示中心".encode() * 40_000)
    recipients = sealed_backups.recipients_of(sealed_backups.new_key(key))
    sealed = sealed_backups.seal(plain, tmp_path, recipients)
    content = sealed.read_bytes()
    assert "演示中心".encode() not in content
    for where in (60, len(content) // 2, len(content) - 1):
        bent = bytearray(content)
        bent[where] ^= 1
        sealed.write_bytes(bytes(bent))
        with pytest.raises(backup.BackupFailed), sealed_backups.opened(sealed, key):
            pass


def test_what_is_no_key_is_named_and_a_key_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(backup.BackupFailed, match="age1nonsense"):
        sealed_backups.recipients_of("age1nonsense")
    key = tmp_path / "key"
    sealed_backups.new_key(key)
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        sealed_backups.new_key(key)
    sealed, wrong = tmp_path / "x.tar.gz.age", tmp_path / "wrong"
    sealed.write_bytes(b"age")
    wrong.write_text("not a key")
    with pytest.raises(backup.BackupFailed, match="no"), sealed_backups.opened(sealed, wrong):
        pass


def test_the_command_seals_for_the_recipients_of_the_settings(database: Database, tmp_path: Path) -> None:
    key = tmp_path / "key"
    public = sealed_backups.new_key(key)
    for app in running(database, backup_recipients=public, backup_folder=tmp_path / "kept"):
        runner = app.test_cli_runner()
        with app.app_context():
            made = runner.invoke(args=["county", "backup"])
        assert made.exit_code == 0, made.output
        [kept] = (tmp_path / "kept").iterdir()
        assert kept.suffix == ".age"
        with app.app_context():
            refused = runner.invoke(args=["county", "check", str(kept)])
            read = runner.invoke(args=["county", "check", "--key", str(key), str(kept)])
        assert refused.exit_code == 1
        assert "--key" in refused.output
        assert read.exit_code == 0, read.output
