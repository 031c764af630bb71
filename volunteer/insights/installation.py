"""What this installation is made of: versions, disk, and settings with where each comes from. Secrets are never shown."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from volunteer.settings import PREFIX, ROOT, Settings

PACKAGES = ("Flask", "SQLAlchemy", "Alembic", "APScheduler", "cryptography", "gunicorn", "Pillow", "openpyxl")
SECRET: frozenset[str] = frozenset({"mail_server", "pdf_password_file"})  # settings whose value nobody sees
SHOWN = frozenset(
    {
        "database_url", "keys_file", "media_folder", "backup_folder", "public_url", "time_zone", "default_locale", "https",
        "proxies", "session_idle_minutes", "session_days", "map_tile_url", "map_attribution", "sms_sender", "argon2_cost",
        "log_level", "throttle", "second_factor_roles", "mail_from", "checkpoint_folder", "checkpoint_mail",
        "certificate_folder", "font_folder", "partners_loopback", "pdf_key_file", "backup_recipients",
    }
)  # fmt: skip
HIDDEN = "••••••"


@dataclass(frozen=True)
class Setting:
    """One setting as it is shown: its environment name, its value or dots, and whether the environment gave it."""

    name: str
    value: Any
    given: bool


def settings_shown(settings: Settings, environment: Mapping[str, str] = os.environ) -> list[Setting]:
    """Return every setting that may be shown, and of secret ones that they exist. One that is in neither list is left out."""
    shown = []
    for field in fields(settings):
        name, value = PREFIX + field.name.upper(), getattr(settings, field.name)
        if field.name in SECRET:
            shown.append(Setting(name, HIDDEN if value else "", bool(environment.get(name))))
        elif field.name in SHOWN:
            shown.append(Setting(name, _masked(value), bool(environment.get(name))))
    return shown


def versions(session: Session) -> list[tuple[str, str]]:
    """Return name and version of the application, its tables, Python, the database and the libraries that matter."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    database = session.scalar(text("SELECT sqlite_version()" if sqlite else "SHOW server_version"))
    migration = MigrationContext.configure(session.connection()).get_current_revision() or "–"
    return [
        ("volunteer", _application()),
        ("migration", migration),
        ("Python", platform.python_version()),
        ("SQLite" if sqlite else "PostgreSQL", str(database)),
        *((name, version(name)) for name in PACKAGES),
    ]


def storage(session: Session, settings: Settings) -> list[tuple[str, int]]:
    """Return in bytes the sizes of database, photos and backups, and the free space of the disk that holds the photos."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    database = session.scalar(text(size if sqlite else "SELECT pg_database_size(current_database())"))
    existing = next(path for path in (settings.media_folder, *settings.media_folder.absolute().parents) if path.exists())
    disk = os.statvfs(existing)
    return [
        ("database", int(database or 0)),
        ("photos", _size(settings.media_folder)),
        ("backups", _size(settings.backup_folder)),
        ("free", disk.f_bavail * disk.f_frsize),
    ]


def _application() -> str:
    """The installed version, or what the checkout says that it is."""
    try:
        return version("volunteer")
    except PackageNotFoundError:
        lines = (ROOT / "setup.cfg").read_text(encoding="utf-8").splitlines()
        return next((line.partition("=")[2].strip() for line in lines if line.startswith("version")), "–")


def _masked(value: Any) -> Any:
    if isinstance(value, str) and "://" in value and "@" in value:
        return make_url(value).render_as_string(hide_password=True)
    return value


def _size(folder: Path) -> int:
    """Bytes below a folder. A file that goes while we count weighs nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).stat().st_size
            except OSError:
                continue
    return total
