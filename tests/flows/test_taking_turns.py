"""Who writes to an SQLite file, in which order: first come, first served, whatever becomes of whoever is before."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from volunteer.kernel import sqlite

LINUX = pytest.mark.skipif(sqlite.DRAW is None, reason="numbers are drawn on Linux only")


def wait_in_line(file: str, name: int, served: list[int]) -> threading.Thread:
    """Start somebody who writes their name when it is their turn; return once they wait."""

    def come() -> None:
        with sqlite.turn(file):
            served.append(name)

    before = drawn(file)
    thread = threading.Thread(target=come, daemon=True)
    thread.start()
    while drawn(file) == before:
        time.sleep(0.001)
    return thread


def drawn(file: str) -> bytes:
    return Path(file + sqlite.TURN).read_bytes()


def hold(file: str, ready: Any) -> None:
    with sqlite.turn(file):
        ready.set()
        time.sleep(60)


@LINUX
def test_whoever_came_first_writes_first(tmp_path):
    file, served = str(tmp_path / "county.sqlite3"), []
    with sqlite.turn(file):
        waiting = [wait_in_line(file, number, served) for number in range(12)]
        assert served == []
    for thread in waiting:
        thread.join()
    assert served == list(range(12))


@LINUX
def test_a_killed_writer_stops_nobody(tmp_path):
    file, fork = str(tmp_path / "county.sqlite3"), multiprocessing.get_context("fork")
    ready = fork.Event()
    killed = fork.Process(target=hold, args=(file, ready))
    killed.start()
    assert ready.wait(10)
    served: list[int] = []
    waiting = wait_in_line(file, 1, served)
    assert served == []
    os.kill(killed.pid or 0, signal.SIGKILL)
    waiting.join(5)
    killed.join()
    assert served == [1]


def test_one_at_a_time_where_no_numbers_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "DRAW", None)
    file, inside, most = str(tmp_path / "county.sqlite3"), [0], [0]

    def come() -> None:
        for _ in range(20):
            with sqlite.turn(file):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                inside[0] -= 1

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_after_patience_one_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    file = str(tmp_path / "county.sqlite3")
    with sqlite.turn(file):
        began = time.monotonic()
        with sqlite.turn(file):
            assert 0.1 <= time.monotonic() - began < 5


@LINUX
@pytest.mark.parametrize("number", [sqlite.SPAN - 3, sqlite.SPAN - 1, 2**64 - 1])
def test_numbers_that_begin_anew_let_nobody_wait_longer_than_their_patience(tmp_path, monkeypatch, number):
    file = str(tmp_path / "books.db")
    monkeypatch.setattr(sqlite, "PATIENCE", 0.5)
    Path(file + sqlite.TURN).write_bytes(number.to_bytes(sqlite.COUNTER, "little"))
    served: list[int] = []
    with sqlite.turn(file):
        threads = [wait_in_line(file, name, served) for name in range(3)]
    for thread in threads:
        thread.join(timeout=5)
    assert sorted(served) == [0, 1, 2]
