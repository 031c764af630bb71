"""What ./run decides before anything is installed, and which SQLite the product stands on."""

from __future__ import annotations

import pytest

from tools.index import read_settings
from tools.paths import LOCKS, ROOT
from tools.steps import digest, is_done, mark_done
from volunteer.kernel import sqlite

LISTING = """\
WARNING: pip is being told things
global.extra-index-url='file:///one file:///two'
global.index-url='https://slow.example/simple'
install.index-url='https://quick.example/simple'
:env:.cert='/etc/ssl/mine.pem'
"""


def test_what_the_user_told_pip_is_read_the_nearer_layer_winning():
    assert read_settings(LISTING) == {
        "extra-index-url": "file:///one file:///two",
        "index-url": "https://quick.example/simple",
        "cert": "/etc/ssl/mine.pem",
    }


def test_a_step_is_done_until_a_file_or_a_condition_changes(tmp_path):
    stamp, files = tmp_path / "deep" / "stamp", [ROOT / "setup.cfg", ROOT / "run"]
    before = digest(files, "condition")
    assert not is_done(stamp, before)
    mark_done(stamp, before)
    assert is_done(stamp, before)
    assert not is_done(stamp, digest(files[:1], "condition"))
    assert not is_done(stamp, digest(files, "another"))


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.name)
def test_a_lock_file_pins_by_hash_and_names_no_address(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins
    assert all("==" in line and line.endswith("\\") for line in pins)
    assert not [line for line in lines if "://" in line]


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 50, 6), (3, 51, 2)])
def test_a_library_that_may_corrupt_is_refused_in_words_that_help(version):
    reason = sqlite.unsafe_reason(version)
    assert reason
    assert "pysqlite3" in reason
    assert "VOLUNTEER_DATABASE_URL" in reason


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 53, 4), (4, 0, 0)])
def test_a_library_with_the_fix_is_welcome(version):
    assert sqlite.unsafe_reason(version) is None


def test_the_library_in_use_is_safe():
    sqlite.refuse_unsafe()
