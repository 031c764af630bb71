"""The product as it is served: a real gunicorn over a test's database, reached over a real port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tests.support.databases import Database
from tests.support.services import ROOT, die_with_parent, free_port, wait_for
from tests.support.settings import scratch, settings_for
from volunteer.settings import PREFIX, Settings

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Server:
    """Where the product is served, over which database, and the environment of its processes."""

    url: str
    database: Database
    env: dict[str, str]
    log: Path

    def flask(self, *words: str) -> str:
        """Run one of the application's own commands over the same database; return what it printed."""
        command: list[str | Path] = [BIN / "flask", "--app", "wsgi", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment that makes another process read these settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for field in fields(settings):
        value = getattr(settings, field.name)
        ours[PREFIX + field.name.upper()] = str(int(value) if isinstance(value, bool) else value)
    return ours


@contextmanager
def serving(database: Database, *, workers: int = 1, **more: Any) -> Iterator[Server]:
    """Serve the product over ``database`` until the end of the block. ``more`` are settings."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment_of(settings_for(database.url, public_url=url, **more))
    command: list[str | Path] = [BIN / "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command += ["--worker-class", "gthread", "--workers", str(workers), "--threads", "8", "--graceful-timeout", "2"]
    log = scratch() / f"server-{port}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=sink, stderr=sink, process_group=0, preexec_fn=die_with_parent
        )
    try:
        wait_for(port, process)
        yield Server(url, database, env, log)
    except Exception:
        print(log.read_text(errors="replace")[-4000:])
        raise
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
