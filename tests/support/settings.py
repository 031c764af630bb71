"""The settings that tests run with."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from volunteer.settings import Settings


def settings_for(url: str, **more: Any) -> Settings:
    """Return settings for a database at ``url``: keys and photos in a folder of this process, cheap passwords."""
    chosen: dict[str, Any] = {
        "database_url": url,
        "keys_file": scratch() / "keys.json",
        "media_folder": scratch() / "media",
        "backup_folder": scratch() / "backups",
        "certificate_folder": scratch() / "certificates",
        "pdf_key_file": scratch() / "authority" / "centre.p12",
        "pdf_password_file": scratch() / "authority" / "password",
        "checkpoint_folder": scratch() / "checkpoints",
        "argon2_cost": 1,
        "log_level": "WARNING",
        "throttle": False,
        "second_factor_roles": "none",  # a test that is about it names the roles
    }
    return Settings(**(chosen | more))


@cache
def scratch() -> Path:
    """Return a folder that lives as long as this process's tests; conftest removes it."""
    return Path(tempfile.mkdtemp(prefix="volunteer-tests-"))
