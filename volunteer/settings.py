"""Every setting, its type, its default. Each is read from the environment as VOLUNTEER_<NAME>."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "VOLUNTEER_"


class BadSetting(ValueError):
    """A setting cannot be read; the message names it and says what it should be."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What differs from one installation to another. docs/operations.md has one line for each."""

    database_url: str = f"sqlite:///{ROOT}/var/volunteer.sqlite3"
    keys_file: Path = ROOT / "var" / "keys.json"
    media_folder: Path = ROOT / "var" / "media"
    backup_folder: Path = ROOT / "var" / "backups"
    backup_recipients: str = ""  # public keys (age1…) for whom backups are sealed; empty: they are not
    certificate_folder: Path = ROOT / "var" / "certificates"
    font_folder: str = ""
    pdf_key_file: Path = ROOT / "var" / "authority" / "centre.p12"
    pdf_password_file: Path = ROOT / "var" / "authority" / "password"
    public_url: str = "http://127.0.0.1:8000"
    time_zone: str = "Asia/Shanghai"
    default_locale: str = "zh_Hans"
    https: bool = False
    proxies: int = 0  # how many proxies in front may be believed about the address of the client
    session_idle_minutes: int = 720
    session_days: int = 14
    map_tile_url: str = ""
    map_attribution: str = ""
    sms_sender: str = "console"
    mail_server: str = ""  # smtp://user:password@host:587 (STARTTLS) or smtps://…:465; empty: mails are printed, not sent
    mail_from: str = ""
    checkpoint_folder: Path = ROOT / "var" / "checkpoints"  # signed checkpoints of the books: best on another machine's disk
    checkpoint_mail: str = ""  # the address to which each checkpoint goes
    argon2_cost: int = 2
    log_level: str = "INFO"
    throttle: bool = True
    partners_loopback: bool = False  # calls to partners on this machine itself, for tests and trials
    second_factor_roles: str = "site_admin,director,auditor,county_it,clerk,dispatcher"  # who must have one; "none": nobody

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that people of this county live in."""
        return ZoneInfo(self.time_zone)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read every setting that the environment names. Raises BadSetting, naming the one that cannot be read."""
        kinds = get_type_hints(cls)
        given: dict[str, Any] = {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            if text := environment.get(name):
                given[field.name] = _read(name, text, kinds[field.name])
        if url := given.get("database_url"):
            given["database_url"] = full_url(url)
        return cls(**given)


def full_url(url: str) -> str:
    """Return the database URL with its driver named and its file's path made absolute: the form that everything here takes."""
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg{separator}{rest}"
    if scheme == "sqlite" and rest.startswith("/") and not rest.startswith(("//", "/:memory:")):
        return f"sqlite:///{Path(rest[1:]).absolute()}"
    return url


def _read(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise BadSetting(f"{name} must be 1 or 0, not {text!r}")
        return text.lower() in {"1", "true", "yes"}
    try:
        return kind(text)
    except ValueError as error:
        raise BadSetting(f"{name} must be {kind.__name__}, not {text!r}") from error
