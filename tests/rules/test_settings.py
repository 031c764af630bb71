"""Settings come from the environment, or are refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from volunteer.settings import BadSetting, Settings, full_url


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("sqlite:////srv/data/county.sqlite3", "sqlite:////srv/data/county.sqlite3"),
        ("sqlite:///var/demo.sqlite3", f"sqlite:///{Path.cwd()}/var/demo.sqlite3"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql://app@db/county", "postgresql+psycopg://app@db/county"),
        ("postgres://app@db/county", "postgresql+psycopg://app@db/county"),
        ("postgresql+psycopg://app@db/county", "postgresql+psycopg://app@db/county"),
    ],
)
def test_a_database_url_may_be_written_the_short_way(given, full):
    assert full_url(given) == full
    assert Settings.from_env({"VOLUNTEER_DATABASE_URL": given}).database_url == full


def test_every_kind_of_setting_is_read():
    read = Settings.from_env({"VOLUNTEER_HTTPS": "yes", "VOLUNTEER_PROXIES": "2", "VOLUNTEER_KEYS_FILE": "/etc/keys.json"})
    assert (read.https, read.proxies, read.keys_file) == (True, 2, Path("/etc/keys.json"))


@pytest.mark.parametrize(("name", "text"), [("VOLUNTEER_HTTPS", "maybe"), ("VOLUNTEER_PROXIES", "two")])
def test_what_cannot_be_read_is_named(name, text):
    with pytest.raises(BadSetting, match=name):
        Settings.from_env({name: text})
