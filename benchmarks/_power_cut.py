"""Power cuts on SQLite, modelled: what the system was not yet told to keep is lost; what was acknowledged must not be.

A process posts through the book under ``strace``, which writes down every write to the database's files, every sync and every
acknowledgement, in their order. At a cut a file holds what was written before its last sync; the file of that moment is put
together from the record and opened again. FULL syncs the log at each commit, NORMAL only now and then.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks import _posting
from benchmarks.figure import Figures
from tests.support.databases import migrate
from tests.support.services import ROOT
from volunteer.kernel.db import make_engine
from volunteer.ledger import verify
from volunteer.ledger.models import Transfer

CUTS, POSTED = 400, 150
CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
OPENED = re.compile(r'"([^"]*)"')
WROTE = re.compile(r'^(\d+)(?:<[^>]*>)?, "((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?, \d+(?:, (\d+))?')
ACK = b"ack "
WRITER = """
import random, sys
from benchmarks import _posting
from volunteer.kernel import sqlite
from volunteer.kernel.db import make_engine
url, mode, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
sqlite.PRAGMAS = (*sqlite.PRAGMAS, "synchronous=" + mode, "wal_autocheckpoint=100")
engine = make_engine(url)
act, rng = _posting.through_the_book(engine), random.Random(7)
for number in range(count):
    act(rng, f"cut:{number}")
    sys.stdout.write(f"ack cut:{number}\\n")
    sys.stdout.flush()
"""


@dataclass
class Disk:
    """A file as it will be after a cut, and what was written to it since it was synced."""

    kept: bytearray
    waiting: list[tuple[int, bytes | None]] = field(default_factory=list)  # offset and bytes; None: cut to that length

    def sync(self) -> None:
        """Keep what waits."""
        for offset, data in self.waiting:
            if data is None:
                del self.kept[offset:]
            else:
                self.kept.extend(bytes(max(0, offset + len(data) - len(self.kept))))
                self.kept[offset : offset + len(data)] = data
        self.waiting.clear()


def cuts(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print how many of the cuts lost something that was acknowledged, by how the database syncs."""
    if shutil.which("strace") is None:
        print("POWER was not measured: it needs strace to watch what is written and synced", flush=True)
        return
    times, posted = (40, 40) if quick else (CUTS, POSTED)
    for mode, at_most in (("FULL", 0.0), ("NORMAL", float(times))):
        with tempfile.TemporaryDirectory(prefix="volunteer-cut-") as folder:
            lost, broken, acknowledged = play(Path(folder), mode, times, posted)
        name = f"POWER.{mode.lower()}"
        what = f"cuts of {times} that lost something acknowledged ({acknowledged} transfers), synchronous={mode}"
        figures.value(f"{name}.lost", lost, "count", what, at_most=at_most)
        figures.value(f"{name}.books_wrong", broken, "count", "cuts after which ledger verify finds something", at_most=0)


def play(folder: Path, mode: str, times: int, posted: int) -> tuple[int, int, int]:
    """Post under watch, then cut at so many moments; return how many lost something, how many left wrong books, and the acks."""
    database, record = folder / "county.sqlite3", folder / "record"
    migrate(f"sqlite:///{database}")
    engine = make_engine(f"sqlite:///{database}")
    _posting.found(engine)
    engine.dispose()  # the last connection empties the log into the file
    before = database.read_bytes()
    command: list[str | Path] = [
        "strace",
        "-f",
        "-xx",
        "-s",
        "200000",
        "-e",
        "trace=openat,write,pwrite64,fsync,fdatasync,ftruncate,close",
        "-o",
        record,
    ]
    writer: list[str | Path] = [sys.executable, "-c", WRITER, f"sqlite:///{database}", mode, str(posted)]
    subprocess.run([*command, *writer], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env={"PYTHONPATH": str(ROOT)})
    lines = [line for line in record.read_text(errors="replace").splitlines() if CALL.match(line)]
    first = next(number for number, line in enumerate(lines) if _written(line)[1].startswith(ACK))
    moments = sorted(random.Random(times).choices(range(first, len(lines)), k=times))
    lost = broken = acknowledged = done = 0
    disks = {str(database): Disk(bytearray(before)), f"{database}-wal": Disk(bytearray())}
    files: dict[str, Disk] = {}
    told: list[str] = []
    for moment in moments:
        for line in lines[done:moment]:
            _follow(line, disks, files, told)
        done = moment
        gone, wrong = _reopen(folder / "after", database.name, disks, told)
        lost, broken, acknowledged = lost + gone, broken + wrong, len(told)
    return lost, broken, acknowledged


def _follow(line: str, disks: dict[str, Disk], files: dict[str, Disk], told: list[str]) -> None:
    """Do to the disks what one line of the record says."""
    found = CALL.match(line)
    assert found
    call, arguments, result = found[1], found[2], found[3]
    descriptor = arguments.partition(",")[0]
    if call == "openat":
        path = OPENED.search(arguments)
        files.pop(result, None)
        if path and (name := bytes.fromhex(path[1].replace("\\x", "")).decode(errors="replace")) in disks:
            files[result] = disks[name]
    elif call == "close":
        files.pop(descriptor, None)
    elif call in {"write", "pwrite64"}:
        offset, data = _written(line)
        if data.startswith(ACK):
            told.append(data.decode().strip().removeprefix("ack "))
        elif descriptor in files:
            files[descriptor].waiting.append((offset, data))
    elif descriptor in files:
        if call == "ftruncate":
            files[descriptor].waiting.append((int(arguments.split(",")[1]), None))
        else:
            files[descriptor].sync()


def _written(line: str) -> tuple[int, bytes]:
    found = CALL.match(line)
    wrote = WROTE.match(found[2]) if found and found[1] in {"write", "pwrite64"} else None
    return (int(wrote[3] or 0), bytes.fromhex(wrote[2].replace("\\x", ""))) if wrote else (0, b"")


def _reopen(folder: Path, name: str, disks: dict[str, Disk], told: list[str]) -> tuple[bool, bool]:
    """Open what a cut would have left; return whether something acknowledged is gone, and whether the books are wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, disk in disks.items():
        (folder / Path(path).name).write_bytes(disk.kept)
    engine = make_engine(f"sqlite:///{folder / name}")
    with Session(engine) as session:
        there = set(session.scalars(select(Transfer.key)))
        wrong = bool(verify.findings(session))
    engine.dispose()
    return any(key not in there for key in told), wrong
