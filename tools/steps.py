"""Steps that are shown, timed, logged, and skipped when nothing changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.paths import ROOT, VAR

LOG = VAR / "log" / "setup.log"
SHOWN_LINES = 40


class StepFailed(Exception):
    """A step could not be done; the message says what and what to do about it."""


def digest(files: Iterable[Path], *more: str) -> str:
    """A fingerprint of the files' names and bytes, and of whatever else the step depends on."""
    mixer = hashlib.sha256("\0".join(more).encode())
    for path in sorted(files):
        mixer.update(f"\0{path.relative_to(ROOT)}\0".encode())
        mixer.update(path.read_bytes())
    return mixer.hexdigest()


def is_done(stamp: Path, fingerprint: str) -> bool:
    """True when the step left this very fingerprint behind."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == fingerprint


def mark_done(stamp: Path, fingerprint: str) -> None:
    """Remember that the step was done for this fingerprint."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint, encoding="ascii")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show that a step goes on, and how long it took. On a terminal the seconds count up."""
    began, over, live = time.monotonic(), threading.Event(), sys.stdout.isatty()
    start = "\r" if live else ""

    def line(end: str) -> None:
        sys.stdout.write(f"{start}  {title:<44}{end}")
        sys.stdout.flush()

    def tick() -> None:
        while not over.wait(0.2):
            line(f"{time.monotonic() - began:6.1f} s")

    ticker = threading.Thread(target=tick, daemon=True)
    if live:
        ticker.start()
    try:
        yield
    except BaseException:
        over.set()
        line("failed\n")
        raise
    over.set()
    if ticker.is_alive():
        ticker.join()
    line(f"{time.monotonic() - began:6.1f} s\n")


def call(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, log: Path = LOG) -> None:
    """Run a program, its output into the log. Raises StepFailed with the last lines when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    with log.open("ab") as sink:
        start = sink.tell()
        sink.write(f"\n$ {' '.join(words)}\n".encode())
        sink.flush()
        try:
            code = subprocess.run(
                words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, check=False
            ).returncode
        except OSError as error:
            raise StepFailed(f"{words[0]} cannot be started: {error.strerror}") from None
    if code:
        with log.open("rb") as source:
            source.seek(start)
            said = source.read().decode(errors="replace").strip().splitlines()
        title = f"{Path(words[0]).name} failed (exit {code}). Its last lines, all of them in {log}:"
        raise StepFailed("\n".join([title, *said[-SHOWN_LINES:]]))
