"""Pages as they are served: a gunicorn of one worker with eight threads, asked over one kept connection, and the CPU it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.support.services import ROOT, die_with_parent, free_port, wait_for

GUNICORN = Path(sys.executable).parent / "gunicorn"
SCHEDULED = Path("/proc/self/schedstat")  # nanoseconds on a processor; without it there is nothing to measure with


@dataclass(frozen=True)
class Served:
    """A running server: its process group and its port."""

    group: int
    port: int

    def page(self, path: str, cookie: str = "") -> Callable[[], object]:
        """Return what asks for ``path`` as somebody; one connection is kept for all of it. Raises for anything but 200."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)

        def ask() -> bytes:
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, f"{path}: {answer.status}"
            return body

        return ask

    def cpu(self) -> float:
        """Return the seconds of CPU that its processes have had."""
        return sum(_on_cpu(folder) for folder in Path("/proc").glob("[0-9]*") if _group(folder) == self.group)


@contextmanager
def serving(application: str, env: Mapping[str, str], log: Path) -> Iterator[Served]:
    """Serve a WSGI application of ours on the loopback until the end of the block."""
    port = free_port()
    command: list[str | Path] = [GUNICORN, application, "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command += ["--worker-class", "gthread", "--workers", "1", "--threads", "8", "--keep-alive", "60", "--log-level", "warning"]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(env), stdout=sink, stderr=sink, process_group=0, preexec_fn=die_with_parent
        )
    try:
        wait_for(port, process)
        yield Served(process.pid, port)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(40)


def _group(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return None  # it ended meanwhile


def _on_cpu(process: Path) -> float:
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in (process / "task").iterdir()) / 1e9
    except OSError:
        return 0.0
